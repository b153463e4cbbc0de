import Neural
import Tensors

/// What a UNet computes from the condition alone: once per image instead of once per step.
public struct UNetConditioning {
    let contexts: [CrossAttentionContext]
    /// `[B, timeWidth]`, added to the time embedding.
    let time: Variable?
}

/// The denoising UNet of latent diffusion (Rombach et al., arXiv 2112.10752).
///
/// The condition enters its cross-attention and, as in MinD-Vis (Chen et al., arXiv 2211.06956), its time embedding.
public struct UNet {
    /// The sizes.
    public let configuration: UNetConfiguration
    private let timeLayers: [Linear]
    private let timeConditioning: TimeConditioningLayers?
    private let inputBlocks: [Stage]
    private let middleBlock: Stage
    private let outputBlocks: [Stage]
    private let outputNorm: GroupNorm
    private let outputConvolution: Convolution2D

    /// Declares the parameters under the names of the reference's state dict.
    public init(_ configuration: UNetConfiguration, _ scope: ParameterScope) {
        self.configuration = configuration
        let width = configuration.timeWidth
        timeLayers = [
            Linear(scope["time_embed"][0], inputs: configuration.modelChannels, outputs: width),
            Linear(scope["time_embed"][2], inputs: width, outputs: width),
        ]
        timeConditioning = TimeConditioningLayers(scope["time_embed_condtion"], configuration)
        var plan = UNetPlan(configuration, scope)
        inputBlocks = plan.inputBlocks()
        middleBlock = plan.middleBlock()
        outputBlocks = plan.outputBlocks()
        outputNorm = GroupNorm(scope["out"][0], channels: configuration.modelChannels, epsilon: 1e-5)
        outputConvolution = Convolution2D(
            scope["out"][2],
            inputs: configuration.modelChannels,
            outputs: configuration.outputChannels,
            geometry: .same3x3
        )
    }

    private var stages: [Stage] { inputBlocks + [middleBlock] + outputBlocks }

    /// Computes what depends on the condition `[B, tokens, contextWidth]` alone.
    public func prepare(_ context: Variable) -> UNetConditioning {
        UNetConditioning(
            contexts: stages.flatMap { $0.prepare(context) },
            time: timeConditioning?(context)
        )
    }

    /// Predicts the noise in `x`, without a look at the blocks.
    public func callAsFunction(_ x: Variable, timesteps: [Int], conditioning: UNetConditioning) -> Variable {
        self(x, timesteps: timesteps, conditioning: conditioning) { _, _ in }
    }

    /// Predicts the noise in `x`.
    /// - Parameters:
    ///   - x: the noisy latents, `[B, H, W, inputChannels]`.
    ///   - timesteps: one per item.
    ///   - conditioning: of `prepare`, for the same batch.
    ///   - observe: called with the state-dict path and the output of every block and of its layers; by throwing it ends
    ///     the computation.
    /// - Returns: `[B, H, W, outputChannels]`.
    public func callAsFunction(
        _ x: Variable,
        timesteps: [Int],
        conditioning: UNetConditioning,
        observe: (String, Variable) throws -> Void
    ) rethrows -> Variable {
        precondition(timesteps.count == x.shape[0], "\(timesteps.count) timesteps for \(x.shape[0]) latents.")
        let embedding = Variable(timestepEmbedding(timesteps, width: configuration.modelChannels))
        var time = timeLayers[1](timeLayers[0](embedding, activation: .silu))
        try observe("time_embed", time)
        if let condition = conditioning.time {
            try observe("time_embed_condtion", condition)
            time = time + condition
        }
        let activatedTime = silu(time)
        var contexts = conditioning.contexts[...]
        var h = positioned(x)
        var skips: [Variable] = []
        for (index, block) in inputBlocks.enumerated() {
            h = try block(h, activatedTime, &contexts) { try observe("input_blocks.\(index)\($0)", $1) }
            skips.append(h)
        }
        h = try middleBlock(h, activatedTime, &contexts) { try observe("middle_block\($0)", $1) }
        for (index, block) in outputBlocks.enumerated() {
            h = concatenate([h, skips.removeLast()])
            h = try block(h, activatedTime, &contexts) { try observe("output_blocks.\(index)\($0)", $1) }
        }
        let output = outputConvolution(outputNorm(h, activation: .silu))
        try observe("out", output)
        return output
    }

    /// Latents with the channels that tell positions, where the network has them.
    private func positioned(_ x: Variable) -> Variable {
        guard let frequencies = configuration.positionFrequencies, frequencies > 0 else { return x }
        let (batch, height, width) = (x.shape[0], x.shape[1], x.shape[2])
        let positions = PositionChannels.tensor(batch: batch, height: height, width: width, frequencies: frequencies)
        return concatenate([x, Variable(positions)])
    }

    /// The layers of one entry of `input_blocks`, `middle_block` or `output_blocks`.
    struct Stage {
        enum Layer {
            case convolution(Convolution2D)
            case residual(ResidualBlock)
            case transformer(SpatialTransformer, depth: Int)
            case down(Downsample)
            case up(Upsample)
        }

        var layers: [Layer]

        func prepare(_ context: Variable) -> [CrossAttentionContext] {
            layers.flatMap { layer -> [CrossAttentionContext] in
                if case .transformer(let transformer, _) = layer { return transformer.prepare(context) }
                return []
            }
        }

        func callAsFunction(
            _ x: Variable,
            _ activatedTime: Variable,
            _ contexts: inout ArraySlice<CrossAttentionContext>,
            observe: (String, Variable) throws -> Void
        ) rethrows -> Variable {
            var h = x
            for (index, layer) in layers.enumerated() {
                switch layer {
                case .convolution(let convolution): h = convolution(h)
                case .residual(let block): h = block(h, activatedTime: activatedTime)
                case .transformer(let transformer, let depth):
                    h = transformer(h, contexts.prefix(depth))
                    contexts = contexts.dropFirst(depth)
                case .down(let down): h = down(h)
                case .up(let up): h = up(h)
                }
                try observe(".\(index)", h)
            }
            try observe("", h)
            return h
        }
    }
}

/// The map of the condition into the time embedding.
struct TimeConditioningLayers {
    private let alongTokens: [Linear]
    private let output: Linear

    init?(_ scope: ParameterScope, _ configuration: UNetConfiguration) {
        switch configuration.timeConditioning {
        case .none: return nil
        case .tokens(let tokens):
            alongTokens = [
                Linear(scope[0], inputs: tokens, outputs: tokens / 2, kernelAxes: 1),
                Linear(scope[1], inputs: tokens / 2, outputs: 1, kernelAxes: 1),
            ]
            output = Linear(scope[2], inputs: configuration.contextWidth, outputs: configuration.timeWidth)
        case .pooled:
            alongTokens = []
            output = Linear(scope, inputs: configuration.contextWidth, outputs: configuration.timeWidth)
        }
    }

    /// `[B, tokens, contextWidth]` → `[B, timeWidth]`.
    func callAsFunction(_ context: Variable) -> Variable {
        var h = context
        if !alongTokens.isEmpty {
            h = transposed(alongTokens.reduce(transposed(context)) { $1($0) })
        }
        let y = output(h)
        return y.reshaped([y.shape[0], y.shape[2]])
    }
}
