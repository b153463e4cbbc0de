/// The sizes of the fMRI masked autoencoder.
///
/// The defaults are those of the published model.
public struct MaskedAutoencoderConfiguration: Sendable, Hashable, Codable {
    /// The voxels V of a pattern, a multiple of `patchSize`.
    public var voxels: Int
    /// The voxels P of a patch.
    public var patchSize: Int
    /// The width D of the encoder.
    public var width: Int
    /// The blocks of the encoder.
    public var depth: Int
    /// The attention heads of the encoder.
    public var heads: Int
    /// The width of the decoder.
    public var decoderWidth: Int
    /// The blocks of the decoder.
    public var decoderDepth: Int
    /// The attention heads of the decoder.
    public var decoderHeads: Int
    /// The hidden width of the blocks' perceptrons, relative to the width.
    public var hiddenRatio: Double
    /// The blocks that attend to image features, or nil for a network without them.
    public var crossAttention: CrossAttentionConfiguration?

    /// Makes a configuration.
    public init(
        voxels: Int,
        patchSize: Int = 16,
        width: Int = 1024,
        depth: Int = 24,
        heads: Int = 16,
        decoderWidth: Int = 512,
        decoderDepth: Int = 8,
        decoderHeads: Int = 16,
        hiddenRatio: Double = 1,
        crossAttention: CrossAttentionConfiguration? = nil
    ) {
        self.voxels = voxels
        self.patchSize = patchSize
        self.width = width
        self.depth = depth
        self.heads = heads
        self.decoderWidth = decoderWidth
        self.decoderDepth = decoderDepth
        self.decoderHeads = decoderHeads
        self.hiddenRatio = hiddenRatio
        self.crossAttention = crossAttention
    }

    /// The model of the second phase: six decoder blocks and three cross-attention blocks.
    public static func crossModal(
        voxels: Int,
        crossAttention: CrossAttentionConfiguration = CrossAttentionConfiguration()
    ) -> MaskedAutoencoderConfiguration {
        MaskedAutoencoderConfiguration(voxels: voxels, decoderDepth: 6, crossAttention: crossAttention)
    }

    /// The patches L of a pattern.
    public var patches: Int { voxels / patchSize }

    /// The sizes of the encoder alone.
    public var encoder: FMRIEncoderConfiguration {
        FMRIEncoderConfiguration(
            voxels: voxels,
            patchSize: patchSize,
            width: width,
            depth: depth,
            heads: heads,
            hiddenRatio: hiddenRatio
        )
    }

    /// Checks that the sizes fit together.
    /// - Throws: ``TransformerConfigurationError``.
    public func validate() throws {
        typealias Complaint = TransformerConfigurationError
        try encoder.validate()
        try Complaint.requireSize(decoderWidth, "decoder_embed_dim", atMost: 1 << 16)
        try Complaint.requireSize(decoderDepth, "decoder_depth", atMost: 1024, allowZero: true)
        try Complaint.requireSize(decoderHeads, "decoder_num_heads", atMost: 1 << 16)
        try Complaint.requireMultiple(decoderWidth, of: decoderHeads, "decoder_embed_dim")
        try Complaint.requireMultiple(decoderWidth, of: 2, "decoder_embed_dim")
        try crossAttention?.validate()
    }
}

/// The sizes of the blocks that attend to the other modality.
public struct CrossAttentionConfiguration: Sendable, Hashable, Codable {
    /// The number of blocks.
    public var depth: Int
    /// The width of the blocks and of the image features.
    public var width: Int
    /// The attention heads.
    public var heads: Int
    /// The hidden width of the perceptrons.
    public var hiddenWidth: Int

    /// Makes a configuration; the defaults go with the base ViT-MAE.
    public init(depth: Int = 3, width: Int = 768, heads: Int = 12, hiddenWidth: Int = 3072) {
        self.depth = depth
        self.width = width
        self.heads = heads
        self.hiddenWidth = hiddenWidth
    }

    func validate() throws {
        typealias Complaint = TransformerConfigurationError
        try Complaint.requireSize(depth, "cross layers", atMost: 1024, allowZero: true)
        try Complaint.requireSize(width, "cross hidden_size", atMost: 1 << 16)
        try Complaint.requireSize(heads, "cross num_attention_heads", atMost: 1 << 16)
        try Complaint.requireSize(hiddenWidth, "cross intermediate_size", atMost: 1 << 20)
        try Complaint.requireMultiple(width, of: heads, "cross hidden_size")
    }
}
