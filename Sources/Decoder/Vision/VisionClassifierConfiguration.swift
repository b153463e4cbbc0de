/// The sizes of a vision transformer that classifies images (Dosovitskiy et al.
///
/// 2021).
public struct VisionClassifierConfiguration: Sendable, Hashable, Codable {
    /// Height and width of an image.
    public var imageSize: Int
    /// Height and width of a patch.
    public var patchSize: Int
    /// The number of layers.
    public var depth: Int
    /// The attention heads.
    public var heads: Int
    /// The width of the tokens.
    public var width: Int
    /// The hidden width of the perceptrons.
    public var hiddenWidth: Int
    /// The number of classes.
    public var classes: Int

    /// Makes a configuration.
    public init(
        imageSize: Int,
        patchSize: Int,
        depth: Int,
        heads: Int,
        width: Int,
        hiddenWidth: Int,
        classes: Int = 1000
    ) {
        self.imageSize = imageSize
        self.patchSize = patchSize
        self.depth = depth
        self.heads = heads
        self.width = width
        self.hiddenWidth = hiddenWidth
        self.classes = classes
    }

    /// ViT-H/14 at 518 pixels, torchvision's `IMAGENET1K_SWAG_E2E_V1`: the classifier of the n-way metric.
    public static let huge14 = VisionClassifierConfiguration(
        imageSize: 518,
        patchSize: 14,
        depth: 32,
        heads: 16,
        width: 1280,
        hiddenWidth: 5120
    )

    /// ViT-L/16 at 224 pixels.
    public static let large16 = VisionClassifierConfiguration(
        imageSize: 224,
        patchSize: 16,
        depth: 24,
        heads: 16,
        width: 1024,
        hiddenWidth: 4096
    )

    /// ViT-B/16 at 224 pixels.
    public static let base16 = VisionClassifierConfiguration(
        imageSize: 224,
        patchSize: 16,
        depth: 12,
        heads: 12,
        width: 768,
        hiddenWidth: 3072
    )

    /// Patches along a side.
    public var side: Int { imageSize / patchSize }
    /// The patches of an image.
    public var patches: Int { side * side }

    /// Checks that the sizes fit together.
    /// - Throws: ``TransformerConfigurationError``.
    public func validate() throws {
        typealias Complaint = TransformerConfigurationError
        let sizes = [
            (imageSize, "image_size"), (patchSize, "patch_size"), (heads, "num_heads"), (width, "hidden_dim"),
            (hiddenWidth, "mlp_dim"), (classes, "num_classes"),
        ]
        for (size, name) in sizes { try Complaint.requireSize(size, name, atMost: 1 << 16) }
        try Complaint.requireSize(depth, "num_layers", atMost: 1024, allowZero: true)
        try Complaint.requireMultiple(imageSize, of: patchSize, "image_size")
        try Complaint.requireMultiple(width, of: heads, "hidden_dim")
    }
}
