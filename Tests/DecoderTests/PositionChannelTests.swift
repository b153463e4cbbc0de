import Foundation
import Neural
import Tensors
import TestSupport
import Testing

@testable import Decoder

@Suite("Channels that tell a UNet where it is")
struct PositionChannelTests {
    private static func configuration(inputs: Int, frequencies: Int?) -> UNetConfiguration {
        var unet = SmallDecoder.unet
        unet.inputChannels = inputs
        unet.positionFrequencies = frequencies
        return unet
    }

    @Test("are sines and cosines of the middle of each position, the same for every item")
    func closedForm() {
        let channels = PositionChannels.tensor(batch: 2, height: 2, width: 4, frequencies: 2)
        #expect(channels.shape == [2, 2, 4, 8])
        for item in 0..<2 {
            for row in 0..<2 {
                for column in 0..<4 {
                    let (x, y) = ((Double(column) + 0.5) / 4, (Double(row) + 0.5) / 2)
                    let angles = [x, x, y, y, 2 * x, 2 * x, 2 * y, 2 * y].map { Double.pi * $0 }
                    for (channel, angle) in angles.enumerated() {
                        let expected = channel % 2 == 0 ? sin(angle) : cos(angle)
                        let found = channels.elements[((item * 2 + row) * 4 + column) * 8 + channel]
                        #expect(abs(Double(found) - expected) < 1e-6)
                    }
                }
            }
        }
    }

    @Test("enter as if they were further channels of the latent")
    func furtherChannels() throws {
        let (positioned, plain) = (ParameterStore(seed: 3), ParameterStore(seed: 3))
        let unet = UNet(Self.configuration(inputs: 3, frequencies: 2), positioned.root)
        let wide = UNet(Self.configuration(inputs: 3 + 8, frequencies: nil), plain.root)
        #expect(positioned["input_blocks.0.0.weight"]?.shape == [32, 11, 3, 3])
        var random = RandomNumbers(seed: 5, purpose: "test")
        let latents = Variable(random.normal([2, 8, 8, 3]))
        let context = Variable(random.normal([2, 6, 16]))
        let channels = PositionChannels.tensor(batch: 2, height: 8, width: 8, frequencies: 2)
        let found = unet(latents, timesteps: [3, 700], conditioning: unet.prepare(context)).value
        let expected = wide(
            concatenate([latents, Variable(channels)]),
            timesteps: [3, 700],
            conditioning: wide.prepare(context)
        ).value
        #expect(found.shape == [2, 8, 8, 3])
        #expect(found.elements == expected.elements)
    }

    @Test("are none in the published sizes, whose description does not name them")
    func published() throws {
        let text = try JSONEncoder().encode(UNetConfiguration())
        #expect(!String(decoding: text, as: UTF8.self).contains("position"))
        #expect(try JSONDecoder().decode(UNetConfiguration.self, from: text) == UNetConfiguration())
        let described = try JSONEncoder().encode(Self.configuration(inputs: 3, frequencies: 4))
        #expect(try JSONDecoder().decode(UNetConfiguration.self, from: described).positionFrequencies == 4)
        #expect(throws: TransformerConfigurationError.self) {
            try Self.configuration(inputs: 3, frequencies: 17).validate()
        }
        #expect(throws: TransformerConfigurationError.self) {
            try Self.configuration(inputs: 3, frequencies: -1).validate()
        }
    }
}
