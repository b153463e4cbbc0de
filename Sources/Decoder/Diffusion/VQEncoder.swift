import Neural
import Tensors

/// The encoder of the autoencoder: image → latent.
struct VQEncoder {
    private let input: Convolution2D
    private let levels: [(blocks: [VQLevelBlock], down: Convolution2D?)]
    private let middle: VQMiddle
    private let norm: GroupNorm
    private let output: Convolution2D

    init(_ configuration: VQAutoencoderConfiguration, _ scope: ParameterScope) {
        var channels = configuration.channels
        input = Convolution2D(
            scope["conv_in"],
            inputs: configuration.imageChannels,
            outputs: channels,
            geometry: .same3x3
        )
        // Zeros on the right and at the bottom only, as in the reference.
        let halving = ConvolutionGeometry(kernel: 3, stride: 2, padding: Padding(top: 0, left: 0, bottom: 1, right: 1))
        var resolution = configuration.resolution
        var levels: [(blocks: [VQLevelBlock], down: Convolution2D?)] = []
        for (level, multiplier) in configuration.channelMultipliers.enumerated() {
            let scope = scope["down"][level]
            let outputs = configuration.channels * multiplier
            let hasAttention = configuration.attentionResolutions.contains(resolution)
            let blocks = (0..<configuration.residualBlocks).map { index in
                defer { channels = outputs }
                return VQLevelBlock(scope, index: index, inputs: channels, outputs: outputs, hasAttention: hasAttention)
            }
            var down: Convolution2D?
            if level < configuration.channelMultipliers.count - 1 {
                down = Convolution2D(
                    scope["downsample"]["conv"],
                    inputs: channels,
                    outputs: channels,
                    geometry: halving
                )
                resolution /= 2
            }
            levels.append((blocks, down))
        }
        self.levels = levels
        middle = VQMiddle(scope["mid"], channels: channels)
        norm = GroupNorm(scope["norm_out"], channels: channels, epsilon: 1e-6)
        output = Convolution2D(
            scope["conv_out"],
            inputs: channels,
            outputs: configuration.latentChannels,
            geometry: .same3x3
        )
    }

    func callAsFunction(_ image: Variable) -> Variable {
        var h = input(image)
        for level in levels {
            for block in level.blocks { h = block(h) }
            if let down = level.down { h = down(h) }
        }
        h = middle(h)
        return output(norm(h, activation: .silu))
    }
}
