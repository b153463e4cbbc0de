import Neural
import Testing

@testable import Decoder

@Suite("Sizes of diffusion networks from names and shapes")
struct ImportInferenceTests {
    /// What a state dict of a network would show.
    static func shapes(_ declare: (ParameterScope) -> Void) -> [String: [Int]] {
        let store = ParameterStore()
        declare(store.root)
        return Dictionary(uniqueKeysWithValues: store.parameters.map { ($0.name, $0.shape) })
    }

    static func configuration(_ change: (inout UNetConfiguration) -> Void) -> UNetConfiguration {
        var configuration = UNetConfiguration()
        change(&configuration)
        return configuration
    }

    @Test(
        "a UNet's configuration comes back from its own state dict",
        arguments: [
            UNetConfiguration(),
            configuration { $0.timeConditioning = .none },
            configuration { $0.timeConditioning = .pooled },
            configuration {
                $0.modelChannels = 32
                $0.channelMultipliers = [1, 2]
                $0.residualBlocks = 1
                $0.attentionResolutions = [1, 2]
                $0.transformerDepth = 2
                $0.contextWidth = 24
                $0.timeConditioning = .tokens(9)
            },
            configuration {
                $0.modelChannels = 32
                $0.channelMultipliers = [1]
                $0.residualBlocks = 3
                $0.attentionResolutions = []
                $0.inputChannels = 4
                $0.outputChannels = 4
            },
        ]
    )
    func unet(configuration: UNetConfiguration) throws {
        let shapes = StateShapes(Self.shapes { _ = UNet(configuration, $0) }, source: "unet.pth")
        #expect(try UNetConfiguration(inferredFrom: shapes) == configuration)
    }

    @Test("an autoencoder's configuration comes back from its own state dict", arguments: [[1, 2, 4], [2, 1], [1]])
    func autoencoder(multipliers: [Int]) throws {
        var configuration = VQAutoencoderConfiguration()
        configuration.channels = 32
        configuration.channelMultipliers = multipliers
        configuration.residualBlocks = multipliers.count
        configuration.codes = 64
        let shapes = StateShapes(Self.shapes { _ = VQAutoencoder(configuration, $0) }, source: "vq.pth")
        #expect(try VQAutoencoderConfiguration(inferredFrom: shapes) == configuration)
    }

    @Test("the f8 model that is easily confused with the right one is refused by name")
    func f8Model() {
        let shapes = StateShapes(
            [
                "input_blocks.0.0.weight": [256, 4, 3, 3], "out.2.weight": [4, 256, 3, 3],
                "time_embed.0.weight": [1024, 256],
            ],
            source: "model.ckpt"
        )
        let error = #expect(throws: BundleError.self) { try UNetConfiguration(inferredFrom: shapes) }
        #expect(error?.code == .unsuitableCheckpoint)
        #expect(error?.detail.contains("f8 \"cin\" model") == true)
        #expect(error?.detail.contains("[768, 192]") == true)
    }

    @Test("time conditioning of another context width is refused with both widths")
    func contextMismatch() {
        var shapes = Self.shapes { _ = UNet(UNetConfiguration(), $0) }
        shapes["time_embed_condtion.2.weight"] = [768, 256]
        let error = #expect(throws: BundleError.self) {
            try UNetConfiguration(inferredFrom: StateShapes(shapes, source: "x"))
        }
        #expect(error?.detail.contains("width 256, cross-attention one of 512") == true)
    }

    @Test("a missing array is named")
    func missing() {
        let empty = StateShapes([:], source: "empty.pth")
        let error = #expect(throws: BundleError.self) { try UNetConfiguration(inferredFrom: empty) }
        #expect(error?.description == "empty.pth: it has no input_blocks.0.0.weight")
    }
}
