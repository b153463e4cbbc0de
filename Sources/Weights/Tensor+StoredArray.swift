import Tensors

extension Tensor {
    /// The array as a tensor: a view of its memory where that holds contiguous float32, else a converted copy.
    public init(_ array: StoredArray) {
        if let pointer = array.float32Pointer, Int(bitPattern: pointer) % 4 == 0 {
            self.init(viewing: pointer, shape: array.shape, owner: array.region.owner)
        } else {
            self.init(array.floats(), shape: array.shape)
        }
    }
}
