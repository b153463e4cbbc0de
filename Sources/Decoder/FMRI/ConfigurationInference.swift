extension FMRIEncoderConfiguration {
    /// The sizes of a checkpoint's encoder.
    ///
    /// - Parameters:
    ///   - shapes: its names and shapes.
    ///   - heads: the attention heads, which no shape tells.
    ///   - pooling: what the encoder hands on, which no shape tells.
    /// - Throws: ``BundleError`` if names are missing, ``TransformerConfigurationError`` if sizes do not fit.
    public init(inferredFrom shapes: StateShapes, heads: Int = 16, pooling: Pooling = .tokens) throws {
        let embedding = try shapes.required("patch_embed.proj.weight", rank: 3)
        let positions = try shapes.required("pos_embed", rank: 3)
        let depth = shapes.count("blocks")
        let hidden = depth == 0 ? embedding[0] : try shapes.required("blocks.0.mlp.fc1.weight", rank: 2)[0]
        self.init(
            voxels: (positions[1] - 1) * embedding[2],
            patchSize: embedding[2],
            width: embedding[0],
            depth: depth,
            heads: heads,
            hiddenRatio: Self.ratio(of: hidden, to: embedding[0]),
            pooling: pooling
        )
        try validate()
    }

    /// The smallest ratio that gives a hidden width, as the width is rounded down.
    static func ratio(of hidden: Int, to width: Int) -> Double {
        var ratio = Double(hidden) / Double(width)
        while Double(width) * ratio < Double(hidden) { ratio = ratio.nextUp }
        return ratio
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
    /// - Throws: ``BundleError`` if names are missing, ``TransformerConfigurationError`` if sizes do not fit.
    public init(
        inferredFrom shapes: StateShapes,
        heads: Int = 16,
        decoderHeads: Int = 16,
        crossHeads: Int = 12
    ) throws {
        let encoder = try FMRIEncoderConfiguration(inferredFrom: shapes, heads: heads)
        var crossAttention: CrossAttentionConfiguration?
        if shapes["cross_map_in.weight"] != nil {
            let depth = shapes.count("cross_blocks")
            let width = try shapes.required("cross_map_in.weight", rank: 2)[0]
            let hidden =
                depth == 0 ? width : try shapes.required("cross_blocks.0.intermediate.dense.weight", rank: 2)[0]
            crossAttention = CrossAttentionConfiguration(
                depth: depth,
                width: width,
                heads: crossHeads,
                hiddenWidth: hidden
            )
        }
        let decoderWidth = try shapes.required("decoder_embed.weight", rank: 2)[0]
        let decoderDepth = shapes.count("decoder_blocks")
        var ratio = encoder.hiddenRatio
        if decoderDepth > 0 {
            // One ratio must give both hidden widths: the larger of the two smallest.
            let hidden = try shapes.required("decoder_blocks.0.mlp.fc1.weight", rank: 2)[0]
            ratio = max(ratio, FMRIEncoderConfiguration.ratio(of: hidden, to: decoderWidth))
        }
        self.init(
            voxels: encoder.voxels,
            patchSize: encoder.patchSize,
            width: encoder.width,
            depth: encoder.depth,
            heads: heads,
            decoderWidth: decoderWidth,
            decoderDepth: decoderDepth,
            decoderHeads: decoderHeads,
            hiddenRatio: ratio,
            crossAttention: crossAttention
        )
        try validate()
    }
}

extension FMRIConditioningConfiguration {
    /// The sizes of a checkpoint's conditioning network.
    ///
    /// - Parameters:
    ///   - shapes: its names and shapes; in a fine-tuned checkpoint what is below `cond_stage_model.`.
    ///   - heads: the attention heads of the encoder, which no shape tells.
    /// - Throws: ``BundleError`` if names are missing, ``TransformerConfigurationError`` if sizes do not fit.
    public init(inferredFrom shapes: StateShapes, heads: Int = 16) throws {
        let isPooled = shapes["channel_mapper.0.weight"] == nil
        let encoder = try FMRIEncoderConfiguration(
            inferredFrom: shapes.below("mae."),
            heads: heads,
            pooling: isPooled ? .mean : .tokens
        )
        let tokens = isPooled ? 1 : try shapes.required("channel_mapper.1.weight", rank: 3)[0]
        if !isPooled {
            let mapped = try shapes.required("channel_mapper.0.weight", rank: 3)[1]
            guard mapped == encoder.patches else {
                throw shapes.failure("channel_mapper.0 maps \(mapped) tokens, but the encoder gives \(encoder.patches)")
            }
        }
        let contextWidth = try shapes.required("dim_mapper.weight", rank: 2)[0]
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
    /// - Throws: ``BundleError`` if names are missing, ``TransformerConfigurationError`` if sizes do not fit.
    public init(
        inferredFrom shapes: StateShapes,
        heads: Int? = nil,
        decoderHeads: Int? = nil,
        normalizesTargets: Bool = false
    ) throws {
        let projection = try shapes.required("vit.embeddings.patch_embeddings.projection.weight", rank: 4)
        let patches = try shapes.required("vit.embeddings.position_embeddings", rank: 3)[1] - 1
        let side = Int(Double(patches).squareRoot().rounded())
        let decoderWidth = try shapes.required("decoder.decoder_embed.weight", rank: 2)[0]
        let width = projection[0]
        let depth = shapes.count("vit.encoder.layer")
        let decoderDepth = shapes.count("decoder.decoder_layers")
        let hidden =
            depth == 0 ? width : try shapes.required("vit.encoder.layer.0.intermediate.dense.weight", rank: 2)[0]
        let decoderHidden =
            decoderDepth == 0
            ? decoderWidth : try shapes.required("decoder.decoder_layers.0.intermediate.dense.weight", rank: 2)[0]
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
            crossDepth: shapes.count("vit.encoder.layer_cross"),
            contextWidth: shapes["vit.encoder.cross_map_in.weight"] != nil
                ? try shapes.required("vit.encoder.cross_map_in.weight", rank: 2)[1] : 1024,
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
    /// - Throws: ``BundleError`` if names are missing, ``TransformerConfigurationError`` if sizes do not fit.
    public init(inferredFrom shapes: StateShapes, heads: Int? = nil) throws {
        let projection = try shapes.required("conv_proj.weight", rank: 4)
        let patches = try shapes.required("encoder.pos_embedding", rank: 3)[1] - 1
        let side = Int(Double(patches).squareRoot().rounded())
        let width = projection[0]
        let layer = "encoder.layers.encoder_layer_"
        let depth = (0...).first { shapes["\(layer)\($0).ln_1.weight"] == nil } ?? 0
        let perceptron = shapes["\(layer)0.mlp.0.weight"] != nil ? "mlp.0" : "mlp.linear_1"
        self.init(
            imageSize: side * side == patches ? side * projection[2] : 0,
            patchSize: projection[2],
            depth: depth,
            heads: heads ?? (width == 1280 ? 16 : max(1, width / 64)),
            width: width,
            hiddenWidth: depth == 0 ? width : try shapes.required("\(layer)0.\(perceptron).weight", rank: 2)[0],
            classes: try shapes.required("heads.head.weight", rank: 2)[0]
        )
        try validate()
    }
}
