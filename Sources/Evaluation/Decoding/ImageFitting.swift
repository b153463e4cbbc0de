import Images

/// Between the sizes of a data set's images and of a decoder's.
public struct ImageFitting: Sendable, Equatable {
    /// Height and width of the decoder's images.
    public let modelSize: Int
    /// The height at which images are compared.
    public let height: Int
    /// The width at which images are compared.
    public let width: Int

    /// Compares at the size of the originals where all have one size that is no larger than the decoder's, else at the
    /// decoder's.
    public init(modelSize: Int, originals: [Image8]) {
        self.modelSize = modelSize
        let first = originals.first
        let isSmall = originals.allSatisfy {
            $0.height == first?.height && $0.width == first?.width && max($0.height, $0.width) <= modelSize
        }
        height = isSmall ? first?.height ?? modelSize : modelSize
        width = isSmall ? first?.width ?? modelSize : modelSize
    }

    /// An original at the size of comparison, resampled as Pillow does (bicubic).
    public func original(_ image: Image8) -> Image8 { Self.resized(image, height, width) }

    /// An image at the decoder's size.
    public func toModel(_ image: Image8) -> Image8 { Self.resized(image, modelSize, modelSize) }

    /// An image of the decoder at the size of comparison.
    public func fromModel(_ image: Image8) -> Image8 { Self.resized(image, height, width) }

    private static func resized(_ image: Image8, _ height: Int, _ width: Int) -> Image8 {
        guard image.height != height || image.width != width else { return image }
        return image.resized(height: height, width: width, filter: .bicubic)
    }
}
