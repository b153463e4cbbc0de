extension UNetConfiguration {
    /// Works every size of a UNet out of the names and shapes of its state dict (without a prefix).
    ///
    /// The size of the latent and the number of attention heads leave no trace in the shapes.
    ///
    /// - Parameters:
    ///   - latentSize: 64 in the published model.
    ///   - heads: one in the published model.
    /// - Throws: ``BundleError`` if names are missing, ``TransformerConfigurationError`` if sizes do not fit.
    public init(inferredFrom shapes: StateShapes, latentSize: Int = 64, heads: Int = 1) throws {
        self.init()
        let first = try shapes.required("input_blocks.0.0.weight", rank: 4)
        self.latentSize = latentSize
        self.heads = heads
        inputChannels = first[1]
        modelChannels = first[0]
        outputChannels = try shapes.required("out.2.weight", rank: 4)[0]
        try Self.checkTimeEmbedding(shapes, channels: modelChannels)
        let levels = try UNetLevels(shapes, channels: modelChannels)
        channelMultipliers = levels.multipliers
        residualBlocks = levels.residualBlocks
        attentionResolutions = levels.attentionFactors
        let transformer = "middle_block.1.transformer_blocks"
        contextWidth = try shapes.required("\(transformer).0.attn2.to_k.weight", rank: 2)[1]
        transformerDepth = shapes.count(transformer)
        timeConditioning = try Self.timeConditioning(shapes, contextWidth: contextWidth)
        try validate()
    }

    private static func checkTimeEmbedding(_ shapes: StateShapes, channels: Int) throws {
        let time = try shapes.required("time_embed.0.weight", rank: 2)
        if time == [1024, 256] {
            throw shapes.failure(
                "this is the f8 \"cin\" model (time_embed.0.weight is [1024, 256]), not the f4 \"cin256-v2\" model, "
                    + "whose time_embed.0.weight is [768, 192]; use the latter"
            )
        }
        guard time == [4 * channels, channels] else {
            throw shapes.failure(
                "time_embed.0.weight has shape \(time), but \(channels) model channels need \([4 * channels, channels])"
            )
        }
    }

    private static func timeConditioning(_ shapes: StateShapes, contextWidth: Int) throws -> TimeConditioning {
        let name = "time_embed_condtion"
        guard shapes.has(prefix: "\(name).") else { return .none }
        let isPooled = shapes["\(name).weight"] != nil
        let output = try shapes.required(isPooled ? "\(name).weight" : "\(name).2.weight", rank: 2)
        guard output[1] == contextWidth else {
            throw shapes.failure(
                "the time conditioning takes a context of width \(output[1]), cross-attention one of \(contextWidth)"
            )
        }
        return isPooled ? .pooled : .tokens(try shapes.required("\(name).0.weight", rank: 3)[1])
    }
}

/// The levels of a UNet, read from the blocks of its downward path.
private struct UNetLevels {
    var multipliers: [Int] = []
    var residualBlocks = 0
    var attentionFactors: [Int] = []
    private var blocks = 0
    private var factor = 1

    init(_ shapes: StateShapes, channels: Int) throws {
        var width = channels
        for index in 1..<max(2, shapes.count("input_blocks")) {
            let block = "input_blocks.\(index)"
            if shapes["\(block).0.op.weight"] != nil {
                try endLevel(shapes, width: width, channels: channels)
                continue
            }
            width = try shapes.required("\(block).0.in_layers.2.weight", rank: 4)[0]
            blocks += 1
            if shapes["\(block).1.proj_in.weight"] != nil, attentionFactors.last != factor {
                attentionFactors.append(factor)
            }
        }
        try endLevel(shapes, width: width, channels: channels)
    }

    private mutating func endLevel(_ shapes: StateShapes, width: Int, channels: Int) throws {
        guard blocks > 0, residualBlocks == 0 || residualBlocks == blocks else {
            throw shapes.failure("the levels of the UNet have different numbers of residual blocks")
        }
        guard width % channels == 0 else {
            throw shapes.failure("\(width) channels are not a multiple of the UNet's \(channels) model channels")
        }
        residualBlocks = blocks
        multipliers.append(width / channels)
        blocks = 0
        factor *= 2
    }
}
