import Neural
import Tensors
import Testing

@testable import Decoder

@Suite("Patches of images")
struct VisionPatchTests {
    /// `[2, 4, 6, 3]`, every value its own.
    private let images = Tensor((0..<144).map { Float($0) }, shape: [2, 4, 6, 3])

    private func pixel(_ item: Int, _ row: Int, _ column: Int, _ channel: Int) -> Float {
        Float(((item * 4 + row) * 6 + column) * 3 + channel)
    }

    @Test("A target patch is ordered by row, column, channel; patches run row by row")
    func target() {
        let patches = ImagePatches.channelsLast(images, size: 2)
        #expect(patches.shape == [2, 6, 12])
        for item in 0..<2 {
            for patch in 0..<6 {
                for (index, value) in patches.elements[(item * 6 + patch) * 12..<(item * 6 + patch + 1) * 12]
                    .enumerated()
                {
                    let (row, column) = (patch / 3 * 2 + index / 6, patch % 3 * 2 + index / 3 % 2)
                    #expect(value == pixel(item, row, column, index % 3))
                }
            }
        }
    }

    @Test("An argument patch is ordered by channel, row, column, as a convolution's weight")
    func argument() {
        let (first, last) = (
            ImagePatches.channelsFirst(images, size: 2).elements, ImagePatches.channelsLast(images, size: 2).elements
        )
        for patch in 0..<12 {
            for index in 0..<12 {
                let (channel, position) = (index / 4, index % 4)
                #expect(first[patch * 12 + index] == last[patch * 12 + position * 3 + channel])
            }
        }
    }

    @Test("Normalised targets have mean 0 and unbiased variance 1")
    func normalizedTargets() {
        let configuration = VisionMaskedAutoencoderConfiguration(
            imageSize: 8,
            patchSize: 4,
            width: 8,
            depth: 0,
            heads: 1,
            hiddenWidth: 8,
            decoderWidth: 8,
            decoderDepth: 0,
            decoderHeads: 1,
            decoderHiddenWidth: 8,
            normalizesTargets: true
        )
        var random = RandomNumbers(seed: 1)
        let model = VisionMaskedAutoencoder(configuration, ParameterStore().root)
        let target = model.target(of: random.normal([1, 8, 8, 3], deviation: 3)).elements
        for patch in 0..<4 {
            let values = target[patch * 48..<(patch + 1) * 48].map(Double.init)
            let mean = values.reduce(0, +) / 48
            #expect(abs(mean) < 1e-6)
            #expect(abs(values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 47 - 1) < 1e-5)
        }
    }
}
