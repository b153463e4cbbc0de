import Neural
import Tensors

/// The masked autoencoder of images (He et al.
///
/// 2022) under the names of `facebook/vit-mae-base`, whose encoder can attend to fMRI features behind its own layers.
public struct VisionMaskedAutoencoder {
    /// The sizes.
    public let configuration: VisionMaskedAutoencoderConfiguration
    private let classToken: Parameter
    private let positions: Parameter
    private let patchWeight: Parameter
    private let patchBias: Parameter
    private let layers: [VisionTransformerLayer]
    private let contextMap: Linear?
    private let crossLayers: [VisionTransformerLayer]
    private let norm: LayerNorm
    private let decoder: VisionDecoder

    /// Declares the parameters below `vit` and `decoder`.
    public init(_ configuration: VisionMaskedAutoencoderConfiguration, _ scope: ParameterScope) {
        self.configuration = configuration
        let (side, width) = (configuration.side, configuration.width)
        let embeddings = scope["vit"]["embeddings"]
        classToken = embeddings.parameter("cls_token", [1, 1, width], .normal(deviation: 0.02))
        positions = embeddings.gridTable("position_embeddings", side: side, width: width)
        let projection = embeddings["patch_embeddings"]["projection"]
        let kernel = [width, configuration.channels, configuration.patchSize, configuration.patchSize]
        // Xavier on the weight as a matrix [width, channels·P·P].
        let bound = (6 / Float(width + configuration.patchLength)).squareRoot()
        patchWeight = projection.parameter("weight", kernel, .uniform(bound: bound))
        patchBias = projection.parameter("bias", [width], .zeros)
        let encoder = scope["vit"]["encoder"]
        let makeLayer = { (scope: ParameterScope, attendsToContext: Bool) in
            VisionTransformerLayer(
                scope,
                width: width,
                heads: configuration.heads,
                hiddenWidth: configuration.hiddenWidth,
                attendsToContext: attendsToContext,
                epsilon: configuration.epsilon
            )
        }
        layers = (0..<configuration.depth).map { makeLayer(encoder["layer"][$0], false) }
        contextMap =
            configuration.crossDepth == 0
            ? nil
            : Linear(
                encoder["cross_map_in"],
                inputs: configuration.contextWidth,
                outputs: width,
                initializer: .normal(deviation: 0.02)
            )
        crossLayers = (0..<configuration.crossDepth).map { makeLayer(encoder["layer_cross"][$0], true) }
        norm = LayerNorm(scope["vit"]["layernorm"], width: width, epsilon: configuration.epsilon)
        decoder = VisionDecoder(configuration, scope["decoder"])
    }

    /// The position table of the decoder, which the reference trains in the second phase.
    public var decoderPositions: Parameter { decoder.positions }

    /// One layer of the encoder by itself.
    public func layer(_ index: Int) -> VisionTransformerLayer { layers[index] }

    /// The encoder.
    ///
    /// - Parameters:
    ///   - images: `[B, H, W, 3]`, normalised.
    ///   - selection: the visible patches.
    ///   - fmriFeatures: `[B, M, context width]`, or nil to leave the cross-attention layers out.
    /// - Returns: `[B, 1 + K, width]`, the class token first, patches in the order of the selection.
    public func encode(_ images: Tensor, _ selection: PatchSelection, fmriFeatures: Variable? = nil) -> Variable {
        let table = positions.variable
        let patches = Variable(ImagePatches.channelsFirst(images, size: configuration.patchSize))
        let tokens = linear(
            gatherTokens(patches, selection.kept),
            weights: [patchWeight],
            biases: [patchBias],
            residual: gatherTokens(table, selection.kept.map { $0.map { $0 + 1 } })
        )
        let first = classToken.variable + sliceTokens(table, 0..<1)
        var x = concatenateTokens([repeatToken(first, batch: tokens.shape[0], count: 1), tokens])
        for layer in layers { x = layer(x) }
        if let fmriFeatures {
            precondition(contextMap != nil, "This network has no cross-attention layers.")
            let context = contextMap?(fmriFeatures)
            for layer in crossLayers { x = layer(x, context: context) }
        }
        return norm(x)
    }

    /// The decoder: the prediction of every patch, `[B, 1 + K, width]` → `[B, L, P·P·3]`.
    public func decode(_ latent: Variable, _ selection: PatchSelection) -> Variable {
        decoder(latent, selection)
    }

    /// The pixels of every patch in the order (row, column, channel), `[B, H, W, 3]` → `[B, L, P·P·3]`.
    public func patches(of images: Tensor) -> Tensor {
        ImagePatches.channelsLast(images, size: configuration.patchSize)
    }

    /// What the decoder shall predict: the patches, normalised where the configuration says so.
    public func target(of images: Tensor) -> Tensor {
        configuration.normalizesTargets ? Self.normalizedRows(patches(of: images)) : patches(of: images)
    }

    /// The mean squared error of the hidden patches, averaged over all of them; 0 when none is hidden.
    public func reconstructionLoss(_ prediction: Variable, of images: Tensor, _ selection: PatchSelection) -> Variable {
        maskedMeanSquaredError(prediction, target(of: images), mask: selection.mask)
    }

    /// (x − mean)/√(variance + 1e-6) of every row, the variance unbiased.
    private static func normalizedRows(_ x: Tensor) -> Tensor {
        let width = x.shape[x.rank - 1]
        let result = Tensor(uninitialized: x.shape)
        for row in 0..<x.count / width {
            let (source, target) = (x.pointer + row * width, result.pointer + row * width)
            let mean = (0..<width).reduce(0.0) { $0 + Double(source[$1]) } / Double(width)
            let squares = (0..<width).reduce(0.0) { $0 + (Double(source[$1]) - mean) * (Double(source[$1]) - mean) }
            let scale = 1 / (squares / Double(max(width - 1, 1)) + 1e-6).squareRoot()
            for column in 0..<width { target[column] = Float((Double(source[column]) - mean) * scale) }
        }
        return result
    }
}

/// The decoder of the image masked autoencoder.
struct VisionDecoder {
    let positions: Parameter
    private let maskToken: Parameter
    private let embedding: Linear
    private let layers: [VisionTransformerLayer]
    private let norm: LayerNorm
    private let prediction: Linear

    init(_ configuration: VisionMaskedAutoencoderConfiguration, _ scope: ParameterScope) {
        let width = configuration.decoderWidth
        maskToken = scope.parameter("mask_token", [1, 1, width], .normal(deviation: 0.02))
        positions = scope.gridTable("decoder_pos_embed", side: configuration.side, width: width)
        embedding = Linear(
            scope["decoder_embed"],
            inputs: configuration.width,
            outputs: width,
            initializer: .normal(deviation: 0.02)
        )
        layers = (0..<configuration.decoderDepth).map { index in
            VisionTransformerLayer(
                scope["decoder_layers"][index],
                width: width,
                heads: configuration.decoderHeads,
                hiddenWidth: configuration.decoderHiddenWidth,
                epsilon: configuration.epsilon
            )
        }
        // PyTorch's default ε, unlike the layers'.
        norm = LayerNorm(scope["decoder_norm"], width: width, epsilon: 1e-5)
        prediction = Linear(
            scope["decoder_pred"],
            inputs: width,
            outputs: configuration.patchLength,
            initializer: .normal(deviation: 0.02)
        )
    }

    /// `[B, 1 + K, encoder width]` → `[B, L, P·P·3]`.
    func callAsFunction(_ latent: Variable, _ selection: PatchSelection) -> Variable {
        var x = restored(embedding(latent), maskToken: maskToken.variable, selection)
        x = addBroadcast(x, positions.variable.reshaped([x.shape[1], x.shape[2]]))
        for layer in layers { x = layer(x) }
        return sliceTokens(prediction(norm(x)), 1..<x.shape[1])
    }
}

extension ParameterScope {
    /// Declares a sine–cosine table of a square grid, `[1, side² + 1, width]`.
    fileprivate func gridTable(_ name: String, side: Int, width: Int) -> Parameter {
        parameter(name, [1, side * side + 1, width], .table { PositionTable.grid(side: side, width: width) })
    }
}
