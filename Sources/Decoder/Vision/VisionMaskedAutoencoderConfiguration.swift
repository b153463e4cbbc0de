/// The sizes of the image masked autoencoder; the defaults are those of `facebook/vit-mae-base`.
public struct VisionMaskedAutoencoderConfiguration: Sendable, Hashable, Codable {
    /// Height and width of an image.
    public var imageSize: Int
    /// Height and width of a patch.
    public var patchSize: Int
    /// The channels of an image.
    public var channels: Int
    /// The width of the encoder.
    public var width: Int
    /// The layers of the encoder.
    public var depth: Int
    /// The attention heads of the encoder.
    public var heads: Int
    /// The hidden width of the encoder's perceptrons.
    public var hiddenWidth: Int
    /// The width of the decoder.
    public var decoderWidth: Int
    /// The layers of the decoder.
    public var decoderDepth: Int
    /// The attention heads of the decoder.
    public var decoderHeads: Int
    /// The hidden width of the decoder's perceptrons.
    public var decoderHiddenWidth: Int
    /// The layers of the encoder that attend to fMRI features; 0 for none.
    public var crossDepth: Int
    /// The width of the fMRI features.
    public var contextWidth: Int
    /// Whether every patch of the target is normalised to mean 0 and variance 1.
    public var normalizesTargets: Bool
    /// Added to the variance by the norms of the layers.
    public var epsilon: Float

    /// Makes a configuration.
    public init(
        imageSize: Int = 224,
        patchSize: Int = 16,
        channels: Int = 3,
        width: Int = 768,
        depth: Int = 12,
        heads: Int = 12,
        hiddenWidth: Int = 3072,
        decoderWidth: Int = 512,
        decoderDepth: Int = 8,
        decoderHeads: Int = 16,
        decoderHiddenWidth: Int = 2048,
        crossDepth: Int = 0,
        contextWidth: Int = 1024,
        normalizesTargets: Bool = false,
        epsilon: Float = 1e-12
    ) {
        self.imageSize = imageSize
        self.patchSize = patchSize
        self.channels = channels
        self.width = width
        self.depth = depth
        self.heads = heads
        self.hiddenWidth = hiddenWidth
        self.decoderWidth = decoderWidth
        self.decoderDepth = decoderDepth
        self.decoderHeads = decoderHeads
        self.decoderHiddenWidth = decoderHiddenWidth
        self.crossDepth = crossDepth
        self.contextWidth = contextWidth
        self.normalizesTargets = normalizesTargets
        self.epsilon = epsilon
    }

    /// The model of the second phase: six decoder layers and three layers that attend to fMRI features.
    public static let crossModal = VisionMaskedAutoencoderConfiguration(decoderDepth: 6, crossDepth: 3)

    /// Patches along a side.
    public var side: Int { imageSize / patchSize }
    /// The patches of an image.
    public var patches: Int { side * side }
    /// The values of a patch.
    public var patchLength: Int { patchSize * patchSize * channels }

    /// Checks that the sizes fit together.
    /// - Throws: ``TransformerConfigurationError``.
    public func validate() throws {
        typealias Complaint = TransformerConfigurationError
        let sizes = [
            (imageSize, "image_size"), (patchSize, "patch_size"), (channels, "num_channels"),
            (width, "hidden_size"), (heads, "num_attention_heads"), (hiddenWidth, "intermediate_size"),
            (decoderWidth, "decoder_hidden_size"), (decoderHeads, "decoder_num_attention_heads"),
            (decoderHiddenWidth, "decoder_intermediate_size"), (contextWidth, "context width"),
        ]
        for (size, name) in sizes { try Complaint.requireSize(size, name, atMost: 1 << 16) }
        for (depth, name) in [(depth, "num_hidden_layers"), (decoderDepth, "decoder_num_hidden_layers")] {
            try Complaint.requireSize(depth, name, atMost: 1024, allowZero: true)
        }
        try Complaint.requireSize(crossDepth, "cross layers", atMost: 1024, allowZero: true)
        try Complaint.requireMultiple(imageSize, of: patchSize, "image_size")
        try Complaint.requireMultiple(width, of: heads, "hidden_size")
        try Complaint.requireMultiple(width, of: 4, "hidden_size")
        try Complaint.requireMultiple(decoderWidth, of: decoderHeads, "decoder_hidden_size")
        try Complaint.requireMultiple(decoderWidth, of: 4, "decoder_hidden_size")
    }
}
