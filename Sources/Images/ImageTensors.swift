import Tensors

extension Image8 {
    /// The pixels as `[height, width, 3]` in 0…1.
    public func unitTensor() -> Tensor {
        tensor { Float($0) / 255 }
    }

    /// The pixels as `[height, width, 3]` in −1…1, as the diffusion model and the autoencoder see them.
    public func signedTensor() -> Tensor {
        tensor { Float($0) / 255 * 2 - 1 }
    }

    private func tensor(_ value: (UInt8) -> Float) -> Tensor {
        let table = (0...255).map { value(UInt8($0)) }
        let result = Tensor(uninitialized: [height, width, 3])
        for (index, byte) in bytes.enumerated() { result.pointer[index] = table[Int(byte)] }
        return result
    }

    /// The image of a tensor `[height, width, 3]` in −1…1.
    ///
    /// `(x + 1) / 2` is clamped to 0…1 and truncated, not rounded, to 8 bits, as the reference does; NaN becomes 0.
    public init(signed tensor: Tensor) {
        precondition(tensor.rank == 3 && tensor.shape[2] == 3, "A tensor of shape \(tensor.shape) is not an RGB image.")
        let bytes = tensor.elements.map { value -> UInt8 in
            let unit = (value + 1) / 2
            guard unit > 0 else { return 0 }
            return UInt8(min(unit, 1) * 255)
        }
        self.init(height: tensor.shape[0], width: tensor.shape[1], bytes: bytes)
    }
}

/// The normalisation of image networks trained on ImageNet.
public enum ImageNetNormalization {
    /// The mean of red, green and blue in 0…1.
    public static let mean: [Float] = [0.485, 0.456, 0.406]
    /// The standard deviation of red, green and blue.
    public static let deviation: [Float] = [0.229, 0.224, 0.225]

    /// The pixels in 0…1, less the mean, divided by the deviation, `[height, width, 3]`.
    public static func normalized(_ image: Image8) -> Tensor {
        let result = image.unitTensor()
        for index in 0..<result.count {
            result.pointer[index] = (result.pointer[index] - mean[index % 3]) / deviation[index % 3]
        }
        return result
    }
}
