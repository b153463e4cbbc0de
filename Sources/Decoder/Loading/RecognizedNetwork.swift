/// A network that a file of weights holds, as far as names and shapes tell.
public enum RecognizedNetwork: Sendable, Equatable {
    /// The denoising network.
    case unet(UNetConfiguration)
    /// The first stage of latent diffusion.
    case autoencoder(VQAutoencoderConfiguration)
    /// An autoencoder of voxel patterns of either training phase.
    case maskedAutoencoder(MaskedAutoencoderConfiguration)
    /// The conditioning module of a fine-tuned decoder.
    case conditioning(FMRIConditioningConfiguration)
    /// The autoencoder of images.
    case imageAutoencoder(VisionMaskedAutoencoderConfiguration)
    /// The image classifier.
    case classifier(VisionClassifierConfiguration)
    /// The class embedding of the label-to-image model, which decoding fMRI does not use.
    case classEmbedding(classes: Int, width: Int)
    /// Names that look like a network, but with sizes that do not fit together.
    case unusable(String)

    /// All networks of a state dict.
    ///
    /// - Parameters:
    ///   - heads: the attention heads of the fMRI encoder, where the file says so.
    ///   - decoderHeads: those of the fMRI decoder.
    public static func all(in shapes: StateShapes, heads: Int?, decoderHeads: Int?) -> [RecognizedNetwork] {
        var networks: [RecognizedNetwork] = []
        func recognize(_ name: String, below prefixes: [String], _ make: (StateShapes) throws -> RecognizedNetwork) {
            for prefix in prefixes where shapes[prefix + name] != nil {
                let part = prefix.isEmpty ? shapes : shapes.below(prefix)
                do { networks.append(try make(part)) } catch { networks.append(.unusable(String(describing: error))) }
                return
            }
        }
        recognize("input_blocks.0.0.weight", below: ["", "model.diffusion_model."]) {
            .unet(try UNetConfiguration(inferredFrom: $0))
        }
        recognize("quantize.embedding.weight", below: ["", "first_stage_model."]) {
            .autoencoder(try VQAutoencoderConfiguration(inferredFrom: $0))
        }
        recognize("mae.pos_embed", below: ["", "cond_stage_model."]) {
            .conditioning(try FMRIConditioningConfiguration(inferredFrom: $0, heads: heads ?? 16))
        }
        recognize("decoder_embed.weight", below: [""]) {
            .maskedAutoencoder(
                try MaskedAutoencoderConfiguration(
                    inferredFrom: $0,
                    heads: heads ?? 16,
                    decoderHeads: decoderHeads ?? 16
                )
            )
        }
        recognize("vit.embeddings.position_embeddings", below: [""]) {
            .imageAutoencoder(try VisionMaskedAutoencoderConfiguration(inferredFrom: $0))
        }
        recognize("conv_proj.weight", below: [""]) {
            .classifier(try VisionClassifierConfiguration(inferredFrom: $0))
        }
        recognize("cond_stage_model.embedding.weight", below: [""]) {
            let shape = try $0.required("cond_stage_model.embedding.weight", rank: 2)
            return .classEmbedding(classes: shape[0], width: shape[1])
        }
        return networks
    }

    /// One line for people.
    public var summary: String {
        switch self {
        case .unet(let sizes):
            let levels = sizes.channelMultipliers.map { String($0 * sizes.modelChannels) }.joined(separator: ", ")
            return "denoising UNet: levels of \(levels) channels, \(sizes.residualBlocks) blocks each, attention at "
                + "factors \(sizes.attentionResolutions); context of width \(sizes.contextWidth); time conditioning: "
                + Self.describe(sizes.timeConditioning)
        case .autoencoder(let sizes):
            let levels = sizes.channelMultipliers.map { String($0 * sizes.channels) }.joined(separator: ", ")
            return "VQ autoencoder (f\(sizes.downsampling)): levels of \(levels) channels, \(sizes.residualBlocks) "
                + "blocks each; \(sizes.codes) codes of \(sizes.codeChannels) channels"
        case .maskedAutoencoder(let sizes):
            let phase = sizes.crossAttention == nil ? "phase 1" : "phase 2"
            return "fMRI masked autoencoder (\(phase)): \(sizes.voxels) voxels in \(sizes.patches) patches, width "
                + "\(sizes.width), \(sizes.depth) blocks; decoder width \(sizes.decoderWidth), "
                + "\(sizes.decoderDepth) blocks"
        case .conditioning(let sizes):
            return "conditioning on fMRI: \(sizes.encoder.voxels) voxels in \(sizes.encoder.patches) patches, width "
                + "\(sizes.encoder.width), \(sizes.encoder.depth) blocks; \(sizes.tokens) tokens of width "
                + "\(sizes.contextWidth)"
        case .imageAutoencoder(let sizes):
            return "image masked autoencoder: \(sizes.imageSize) pixels in patches of \(sizes.patchSize), width "
                + "\(sizes.width), \(sizes.depth) layers; \(sizes.crossDepth) cross-attention layers; decoder width "
                + "\(sizes.decoderWidth), \(sizes.decoderDepth) layers"
        case .classifier(let sizes):
            return "image classifier: \(sizes.imageSize) pixels in patches of \(sizes.patchSize), width "
                + "\(sizes.width), \(sizes.depth) layers, \(sizes.classes) classes"
        case .classEmbedding(let classes, let width):
            return "class embedding: \(classes) classes of width \(width) (not used for fMRI)"
        case .unusable(let problem):
            return "unusable: \(problem)"
        }
    }

    private static func describe(_ conditioning: UNetConfiguration.TimeConditioning) -> String {
        switch conditioning {
        case .none: "none"
        case .tokens(let count): "\(count) tokens"
        case .pooled: "one pooled token"
        }
    }
}
