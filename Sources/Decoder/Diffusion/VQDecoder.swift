import Neural
import Tensors

/// The decoder of the autoencoder: latent → image.
struct VQDecoder {
    private let input: Convolution2D
    private let middle: VQMiddle
    /// In the order of execution, coarsest first; the state dict numbers them the other way round.
    private let levels: [(blocks: [VQLevelBlock], up: Convolution2D?)]
    private let norm: GroupNorm
    private let output: Convolution2D

    init(_ configuration: VQAutoencoderConfiguration, _ scope: ParameterScope) {
        let multipliers = configuration.channelMultipliers
        var channels = configuration.channels * (multipliers.last ?? 1)
        input = Convolution2D(
            scope["conv_in"],
            inputs: configuration.latentChannels,
            outputs: channels,
            geometry: .same3x3
        )
        middle = VQMiddle(scope["mid"], channels: channels)
        var resolution = configuration.resolution / configuration.downsampling
        var levels: [(blocks: [VQLevelBlock], up: Convolution2D?)] = []
        for (level, multiplier) in multipliers.enumerated().reversed() {
            let scope = scope["up"][level]
            let outputs = configuration.channels * multiplier
            let hasAttention = configuration.attentionResolutions.contains(resolution)
            let blocks = (0...configuration.residualBlocks).map { index in
                defer { channels = outputs }
                return VQLevelBlock(scope, index: index, inputs: channels, outputs: outputs, hasAttention: hasAttention)
            }
            var up: Convolution2D?
            if level > 0 {
                up = Convolution2D(
                    scope["upsample"]["conv"],
                    inputs: channels,
                    outputs: channels,
                    geometry: .same3x3
                )
                resolution *= 2
            }
            levels.append((blocks, up))
        }
        self.levels = levels
        norm = GroupNorm(scope["norm_out"], channels: channels, epsilon: 1e-6)
        output = Convolution2D(
            scope["conv_out"],
            inputs: channels,
            outputs: configuration.imageChannels,
            geometry: .same3x3
        )
    }

    func callAsFunction(_ latent: Variable) -> Variable {
        var h = middle(input(latent))
        for level in levels {
            for block in level.blocks { h = block(h) }
            if let up = level.up { h = up(upsampleNearest2(h)) }
        }
        return output(norm(h, activation: .silu))
    }
}
