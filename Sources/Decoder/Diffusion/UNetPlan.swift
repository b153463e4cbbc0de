import Neural
import Tensors

/// Builds the blocks of a UNet by the reference's construction rule, keeping track of the channels of every skip.
struct UNetPlan {
    private let configuration: UNetConfiguration
    private let scope: ParameterScope
    private var channels: Int
    private var skips: [Int] = []
    private var factor = 1

    init(_ configuration: UNetConfiguration, _ scope: ParameterScope) {
        self.configuration = configuration
        self.scope = scope
        channels = configuration.modelChannels
    }

    mutating func inputBlocks() -> [UNet.Stage] {
        let blocks = scope["input_blocks"]
        let first = Convolution2D(
            blocks[0][0],
            inputs: configuration.firstChannels,
            outputs: channels,
            geometry: .same3x3
        )
        var stages = [UNet.Stage(layers: [.convolution(first)])]
        skips = [channels]
        for (level, multiplier) in configuration.channelMultipliers.enumerated() {
            for _ in 0..<configuration.residualBlocks {
                let outputs = multiplier * configuration.modelChannels
                stages.append(UNet.Stage(layers: residual(blocks[stages.count], inputs: channels, outputs: outputs)))
                channels = outputs
                skips.append(channels)
            }
            if level < configuration.channelMultipliers.count - 1 {
                stages.append(UNet.Stage(layers: [.down(Downsample(blocks[stages.count][0], channels: channels))]))
                skips.append(channels)
                factor *= 2
            }
        }
        return stages
    }

    func middleBlock() -> UNet.Stage {
        let block = scope["middle_block"]
        let width = configuration.timeWidth
        return UNet.Stage(layers: [
            .residual(ResidualBlock(block[0], inputs: channels, outputs: channels, timeWidth: width)),
            .transformer(
                SpatialTransformer(block[1], channels: channels, configuration: configuration),
                depth: configuration.transformerDepth
            ),
            .residual(ResidualBlock(block[2], inputs: channels, outputs: channels, timeWidth: width)),
        ])
    }

    mutating func outputBlocks() -> [UNet.Stage] {
        let blocks = scope["output_blocks"]
        var stages: [UNet.Stage] = []
        for (level, multiplier) in configuration.channelMultipliers.enumerated().reversed() {
            for index in 0...configuration.residualBlocks {
                let outputs = multiplier * configuration.modelChannels
                let block = blocks[stages.count]
                var layers = residual(block, inputs: channels + skips.removeLast(), outputs: outputs)
                channels = outputs
                if level > 0, index == configuration.residualBlocks {
                    layers.append(.up(Upsample(block[layers.count], channels: channels)))
                    factor /= 2
                }
                stages.append(UNet.Stage(layers: layers))
            }
        }
        return stages
    }

    /// A residual block, with attention where the level has it.
    private func residual(_ scope: ParameterScope, inputs: Int, outputs: Int) -> [UNet.Stage.Layer] {
        let block = ResidualBlock(scope[0], inputs: inputs, outputs: outputs, timeWidth: configuration.timeWidth)
        guard configuration.attentionResolutions.contains(factor) else { return [.residual(block)] }
        let transformer = SpatialTransformer(scope[1], channels: outputs, configuration: configuration)
        return [.residual(block), .transformer(transformer, depth: configuration.transformerDepth)]
    }
}
