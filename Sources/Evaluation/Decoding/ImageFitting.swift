import Images

/// Between the sizes of a data set's images and of a decoder's, which are square.
public struct ImageFitting: Sendable, Equatable {
    /// Height and width of the decoder's images.
    public let modelSize: Int
    /// Height and width at which images are compared.
    public let side: Int

    /// Compares at the size of the originals where all have one size that is no larger than the decoder's, else at the
    /// decoder's.
    public init(modelSize: Int, originals: [Image8]) {
        self.modelSize = modelSize
        let sides = Set(originals.map { min($0.height, $0.width) })
        let smallest = sides.min() ?? modelSize
        side = sides.count == 1 && smallest <= modelSize ? smallest : modelSize
    }

    /// The middle square of an original at the size of comparison, resampled as Pillow does (bicubic).
    public func original(_ image: Image8) -> Image8 { Self.square(image, side) }

    /// The middle square of an image at the decoder's size, as training resizes it.
    public func toModel(_ image: Image8) -> Image8 { Self.square(image, modelSize) }

    /// An image of the decoder at the size of comparison.
    public func fromModel(_ image: Image8) -> Image8 { Self.square(image, side) }

    private static func square(_ image: Image8, _ side: Int) -> Image8 {
        guard image.height != side || image.width != side else { return image }
        let shorter = min(image.height, image.width)
        return image.centreCropped(height: shorter, width: shorter)
            .resized(height: side, width: side, filter: .bicubic)
    }
}
