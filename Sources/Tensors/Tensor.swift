/// A dense float32 array in row-major order.
///
/// Images and latents are channel-last, `[batch, height, width, channels]`; tokens are `[batch, tokens, width]`, so that
/// a token view of an image is a reshape. A copy of a tensor shares its memory; operations return new tensors and never
/// write to their arguments, except those named so (`add(_:to:)`, `fill`), which only the owner of a tensor may call.
public struct Tensor: @unchecked Sendable {
    /// The extent of every axis, slowest first.
    ///
    /// Empty for a scalar.
    public let shape: [Int]
    /// The number of elements.
    public let count: Int
    let storage: Storage
    let offset: Int

    init(storage: Storage, offset: Int, shape: [Int]) {
        self.shape = shape
        self.storage = storage
        self.offset = offset
        count = shape.reduce(1, *)
        precondition(offset >= 0 && offset + count <= storage.count, "A tensor lies inside its storage.")
    }

    /// A tensor whose elements are undefined until written.
    public init(uninitialized shape: [Int]) {
        let count = shape.reduce(1, *)
        self.init(storage: Storage(count: count, workspace: Engine.current.workspace), offset: 0, shape: shape)
    }

    /// A tensor filled with one value.
    public init(repeating value: Float, shape: [Int]) {
        self.init(uninitialized: shape)
        pointer.initialize(repeating: value, count: count)
    }

    /// A tensor of zeros.
    public init(zeros shape: [Int]) {
        self.init(repeating: 0, shape: shape)
    }

    /// A tensor with the given elements, in row-major order.
    public init(_ elements: some Collection<Float>, shape: [Int]) {
        precondition(elements.count == shape.reduce(1, *), "\(elements.count) elements cannot have shape \(shape).")
        self.init(uninitialized: shape)
        var index = 0
        for element in elements {
            pointer[index] = element
            index += 1
        }
    }

    /// A scalar.
    public init(_ value: Float) {
        self.init(repeating: value, shape: [])
    }

    /// A read-only view of memory that `owner` keeps alive, for instance a mapped file.
    public init(viewing pointer: UnsafePointer<Float>, shape: [Int], owner: any AnyObject & Sendable) {
        let count = shape.reduce(1, *)
        self.init(storage: Storage(pointer: pointer, count: count, owner: owner), offset: 0, shape: shape)
    }

    /// The first element.
    ///
    /// Valid while this tensor is alive; see `withExtendedLifetime`.
    public var pointer: UnsafeMutablePointer<Float> { storage.pointer + offset }

    /// The number of axes.
    public var rank: Int { shape.count }

    /// The elements in row-major order.
    public var elements: [Float] {
        withExtendedLifetime(storage) { Array(UnsafeBufferPointer(start: pointer, count: count)) }
    }

    /// The only element of a tensor that has one.
    public var item: Float {
        precondition(count == 1, "A tensor of shape \(shape) is not a scalar.")
        return withExtendedLifetime(storage) { pointer[0] }
    }

    /// The same elements under another shape.
    public func reshaped(_ shape: [Int]) -> Tensor {
        precondition(shape.reduce(1, *) == count, "A tensor of shape \(self.shape) cannot be reshaped to \(shape).")
        return Tensor(storage: storage, offset: offset, shape: shape)
    }

    /// A view of rows `range` of the first axis.
    public func rows(_ range: Range<Int>) -> Tensor {
        precondition(rank >= 1 && range.lowerBound >= 0 && range.upperBound <= shape[0], "Rows \(range) of \(shape).")
        let stride = shape.dropFirst().reduce(1, *)
        let shape = [range.count] + shape.dropFirst()
        return Tensor(storage: storage, offset: offset + range.lowerBound * stride, shape: shape)
    }

    /// The given rows of the first axis in their order, with memory of their own.
    public func selecting(rows indices: [Int]) -> Tensor {
        precondition(rank >= 1 && indices.allSatisfy((0..<shape[0]).contains), "Rows \(indices) of \(shape).")
        let stride = shape.dropFirst().reduce(1, *)
        let result = Tensor(uninitialized: [indices.count] + shape.dropFirst())
        withExtendedLifetime(storage) {
            for (place, row) in indices.enumerated() {
                (result.pointer + place * stride).update(from: pointer + row * stride, count: stride)
            }
        }
        return result
    }

    /// The given columns of a matrix in their order, with memory of their own.
    public func selecting(columns indices: [Int]) -> Tensor {
        precondition(rank == 2 && indices.allSatisfy((0..<shape[1]).contains), "Columns \(indices) of \(shape).")
        let result = Tensor(uninitialized: [shape[0], indices.count])
        withExtendedLifetime(storage) {
            for row in 0..<shape[0] {
                let (from, to) = (pointer + row * shape[1], result.pointer + row * indices.count)
                for (place, column) in indices.enumerated() { to[place] = from[column] }
            }
        }
        return result
    }

    /// A tensor with memory of its own and the same elements.
    public func copy() -> Tensor {
        let result = Tensor(uninitialized: shape)
        withExtendedLifetime(storage) { result.pointer.update(from: pointer, count: count) }
        return result
    }
}

extension Tensor: CustomStringConvertible {
    /// The shape and the first elements.
    public var description: String {
        "Tensor\(shape) \(elements.prefix(8))\(count > 8 ? "…" : "")"
    }
}
