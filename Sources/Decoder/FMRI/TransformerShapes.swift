/// Reads the sizes of a transformer off the names and shapes of its state dict.
public struct TransformerShapes {
    private let shapes: [String: [Int]]
    private let prefix: String

    /// - Parameters:
    ///   - shapes: the shape of every tensor, by name.
    ///   - prefix: what stands before the network's names, for instance `cond_stage_model.mae.`.
    public init(_ shapes: [String: [Int]], prefix: String = "") {
        self.shapes = shapes
        self.prefix = prefix
    }

    /// The shape of a tensor that must be there with `rank` axes, none of them empty or so long that a product of two
    /// could overflow.
    func shape(_ name: String, rank: Int) throws -> [Int] {
        guard let shape = shapes[prefix + name] else {
            throw TransformerConfigurationError(
                code: .missing,
                subject: prefix + name,
                detail: "the file has no tensor of this name, so it does not hold this network."
            )
        }
        guard shape.count == rank, shape.allSatisfy({ (1...1 << 31).contains($0) }) else {
            throw TransformerConfigurationError(
                code: .sizeOutOfRange,
                subject: prefix + name,
                detail: "shape \(shape) should have \(rank) axes of reasonable length."
            )
        }
        return shape
    }

    /// Whether there is a tensor of that name.
    func contains(_ name: String) -> Bool { shapes[prefix + name] != nil }

    /// The number of consecutive blocks from 0 on; `name` gives the name of a tensor of a block.
    func depth(_ name: (Int) -> String) -> Int {
        var count = 0
        while contains(name(count)) { count += 1 }
        return count
    }
}

extension FMRIEncoderConfiguration {
    /// The sizes of a checkpoint's encoder.
    ///
    /// - Parameters:
    ///   - shapes: its names and shapes.
    ///   - heads: the attention heads, which no shape tells.
    ///   - pooling: what the encoder hands on, which no shape tells.
    /// - Throws: ``TransformerConfigurationError``.
    public init(inferredFrom shapes: TransformerShapes, heads: Int = 16, pooling: Pooling = .tokens) throws {
        let embedding = try shapes.shape("patch_embed.proj.weight", rank: 3)
        let positions = try shapes.shape("pos_embed", rank: 3)
        let depth = shapes.depth { "blocks.\($0).norm1.weight" }
        let hidden = depth == 0 ? embedding[0] : try shapes.shape("blocks.0.mlp.fc1.weight", rank: 2)[0]
        self.init(
            voxels: (positions[1] - 1) * embedding[2],
            patchSize: embedding[2],
            width: embedding[0],
            depth: depth,
            heads: heads,
            hiddenRatio: Double(hidden) / Double(embedding[0]),
            pooling: pooling
        )
        try validate()
    }
}

extension MaskedAutoencoderConfiguration {
    /// The sizes of a checkpoint's masked autoencoder, of either phase.
    ///
    /// - Parameters:
    ///   - shapes: its names and shapes.
    ///   - heads: the attention heads of the encoder, which no shape tells.
    ///   - decoderHeads: those of the decoder.
    ///   - crossHeads: those of the cross-attention blocks.
    /// - Throws: ``TransformerConfigurationError``.
    public init(
        inferredFrom shapes: TransformerShapes,
        heads: Int = 16,
        decoderHeads: Int = 16,
        crossHeads: Int = 12
    ) throws {
        let encoder = try FMRIEncoderConfiguration(inferredFrom: shapes, heads: heads)
        var crossAttention: CrossAttentionConfiguration?
        if shapes.contains("cross_map_in.weight") {
            let depth = shapes.depth { "cross_blocks.\($0).layernorm_before.weight" }
            let width = try shapes.shape("cross_map_in.weight", rank: 2)[0]
            let hidden = depth == 0 ? width : try shapes.shape("cross_blocks.0.intermediate.dense.weight", rank: 2)[0]
            crossAttention = CrossAttentionConfiguration(
                depth: depth,
                width: width,
                heads: crossHeads,
                hiddenWidth: hidden
            )
        }
        self.init(
            voxels: encoder.voxels,
            patchSize: encoder.patchSize,
            width: encoder.width,
            depth: encoder.depth,
            heads: heads,
            decoderWidth: try shapes.shape("decoder_embed.weight", rank: 2)[0],
            decoderDepth: shapes.depth { "decoder_blocks.\($0).norm1.weight" },
            decoderHeads: decoderHeads,
            hiddenRatio: encoder.hiddenRatio,
            crossAttention: crossAttention
        )
        try validate()
    }
}

extension FMRIConditioningConfiguration {
    /// The sizes of a checkpoint's conditioning network.
    ///
    /// - Parameters:
    ///   - shapes: the names and shapes of a state dict.
    ///   - prefix: what stands before the network's names.
    ///   - heads: the attention heads of the encoder, which no shape tells.
    /// - Throws: ``TransformerConfigurationError``.
    public init(
        inferredFrom shapes: [String: [Int]],
        prefix: String = "cond_stage_model.",
        heads: Int = 16
    ) throws {
        let own = TransformerShapes(shapes, prefix: prefix)
        let isPooled = !own.contains("channel_mapper.0.weight")
        let encoder = try FMRIEncoderConfiguration(
            inferredFrom: TransformerShapes(shapes, prefix: prefix + "mae."),
            heads: heads,
            pooling: isPooled ? .mean : .tokens
        )
        let tokens = isPooled ? 1 : try own.shape("channel_mapper.1.weight", rank: 3)[0]
        if !isPooled {
            let mapped = try own.shape("channel_mapper.0.weight", rank: 3)[1]
            guard mapped == encoder.patches else {
                throw TransformerConfigurationError(
                    code: .sizeOutOfRange,
                    subject: prefix + "channel_mapper.0.weight",
                    detail: "it maps \(mapped) tokens, but the encoder gives \(encoder.patches)."
                )
            }
        }
        let contextWidth = try own.shape("dim_mapper.weight", rank: 2)[0]
        self.init(encoder: encoder, tokens: tokens, contextWidth: contextWidth)
        try validate()
    }
}

extension VisionMaskedAutoencoderConfiguration {
    /// The sizes of a checkpoint's image autoencoder.
    ///
    /// - Parameters:
    ///   - shapes: its names and shapes.
    ///   - heads: the attention heads of the encoder, which no shape tells; by default one per 64 columns.
    ///   - decoderHeads: those of the decoder; by default one per 32 columns.
    ///   - normalizesTargets: whether patches of the target are normalised, which no shape tells.
    /// - Throws: ``TransformerConfigurationError``.
    public init(
        inferredFrom shapes: TransformerShapes,
        heads: Int? = nil,
        decoderHeads: Int? = nil,
        normalizesTargets: Bool = false
    ) throws {
        let projection = try shapes.shape("vit.embeddings.patch_embeddings.projection.weight", rank: 4)
        let patches = try shapes.shape("vit.embeddings.position_embeddings", rank: 3)[1] - 1
        let side = Int(Double(patches).squareRoot().rounded())
        let decoderWidth = try shapes.shape("decoder.decoder_embed.weight", rank: 2)[0]
        let width = projection[0]
        let depth = shapes.depth { "vit.encoder.layer.\($0).layernorm_before.weight" }
        let decoderDepth = shapes.depth { "decoder.decoder_layers.\($0).layernorm_before.weight" }
        let hidden = depth == 0 ? width : try shapes.shape("vit.encoder.layer.0.intermediate.dense.weight", rank: 2)[0]
        let decoderHidden =
            decoderDepth == 0
            ? decoderWidth : try shapes.shape("decoder.decoder_layers.0.intermediate.dense.weight", rank: 2)[0]
        self.init(
            imageSize: side * side == patches ? side * projection[2] : 0,
            patchSize: projection[2],
            channels: projection[1],
            width: width,
            depth: depth,
            heads: heads ?? max(1, width / 64),
            hiddenWidth: hidden,
            decoderWidth: decoderWidth,
            decoderDepth: decoderDepth,
            decoderHeads: decoderHeads ?? max(1, decoderWidth / 32),
            decoderHiddenWidth: decoderHidden,
            crossDepth: shapes.depth { "vit.encoder.layer_cross.\($0).layernorm_before.weight" },
            contextWidth: shapes.contains("vit.encoder.cross_map_in.weight")
                ? try shapes.shape("vit.encoder.cross_map_in.weight", rank: 2)[1] : 1024,
            normalizesTargets: normalizesTargets
        )
        try validate()
    }
}

extension VisionClassifierConfiguration {
    /// The sizes of a checkpoint's classifier, whichever way it spells the perceptron's layers.
    ///
    /// - Parameters:
    ///   - shapes: its names and shapes.
    ///   - heads: the attention heads, which no shape tells; by default 16 heads of 80 for a width of 1280, else one
    ///     per 64 columns.
    /// - Throws: ``TransformerConfigurationError``.
    public init(inferredFrom shapes: TransformerShapes, heads: Int? = nil) throws {
        let projection = try shapes.shape("conv_proj.weight", rank: 4)
        let patches = try shapes.shape("encoder.pos_embedding", rank: 3)[1] - 1
        let side = Int(Double(patches).squareRoot().rounded())
        let width = projection[0]
        let layer = "encoder.layers.encoder_layer_"
        let depth = shapes.depth { "\(layer)\($0).ln_1.weight" }
        let perceptron = shapes.contains("\(layer)0.mlp.0.weight") ? "mlp.0" : "mlp.linear_1"
        self.init(
            imageSize: side * side == patches ? side * projection[2] : 0,
            patchSize: projection[2],
            depth: depth,
            heads: heads ?? (width == 1280 ? 16 : max(1, width / 64)),
            width: width,
            hiddenWidth: depth == 0 ? width : try shapes.shape("\(layer)0.\(perceptron).weight", rank: 2)[0],
            classes: try shapes.shape("heads.head.weight", rank: 2)[0]
        )
        try validate()
    }
}
