import Decoder
import Images
import Tensors
import Testing

@testable import Evaluation

@Suite("Decoding test patterns")
struct PatternDecoderTests {
    private let decoder: LatentDiffusion = {
        var unet = UNetConfiguration()
        unet.latentSize = 8
        unet.modelChannels = 32
        unet.channelMultipliers = [1]
        unet.residualBlocks = 1
        unet.attentionResolutions = [1]
        unet.contextWidth = 16
        unet.timeConditioning = .tokens(6)
        var autoencoder = VQAutoencoderConfiguration()
        autoencoder.channels = 32
        autoencoder.channelMultipliers = [1, 1]
        autoencoder.residualBlocks = 1
        autoencoder.resolution = 16
        autoencoder.codes = 32
        let encoder = FMRIEncoderConfiguration(voxels: 64, width: 32, depth: 1, heads: 2)
        let conditioning = FMRIConditioningConfiguration(encoder: encoder, tokens: 6, contextWidth: 16)
        return LatentDiffusion(
            LatentDiffusionConfiguration(unet: unet, autoencoder: autoencoder, conditioning: conditioning),
            seed: 3
        )
    }()

    private func patterns(_ count: Int) -> Tensor {
        var numbers = RandomNumbers(seed: 2)
        return numbers.normal([count, 64])
    }

    private func decode(_ count: Int, samples: Int, steps: inout Int) throws -> [[Image8]] {
        let settings = PatternDecoder.Settings(method: .ddim, steps: 2, seed: 5, samples: samples)
        let decoding = PatternDecoder(decoder, settings: settings)
        var done = 0
        let images = try decoding.decode(patterns(count)) { done = $0 }
        #expect(done == decoding.totalSteps(patterns: count))
        steps = done
        return images
    }

    @Test("gives the images that the patterns give one by one, up to the rounding of batches")
    func batches() throws {
        var steps = 0
        let together = try decode(3, samples: 2, steps: &steps)
        #expect(together.count == 2 && together.allSatisfy { $0.count == 3 })
        let schedule = SamplingSchedule(
            steps: 2,
            spacing: SamplerMethod.ddim.defaultSpacing,
            schedule: decoder.schedule
        )
        for pattern in 0..<3 {
            let row = patterns(3).rows(pattern..<pattern + 1).reshaped([1, 1, 64])
            let context = try #require(decoder.condition(row))
            for sample in 0..<2 {
                let latents = try decoder.reconstruct(
                    context: context,
                    noise: ReconstructionNoise(seed: 5, pattern: pattern, sample: sample),
                    method: .ddim,
                    schedule: schedule
                )
                let alone = PatternDecoder.images(decoder.decode(latents))[0]
                #expect(try PixelMetrics.squaredError(alone, together[sample][pattern]) < 0.1)
            }
        }
    }

    @Test("The autoencoder takes and gives images of the data's size")
    func autoencoder() throws {
        let images = (0..<2).map { shade in Image8(height: 12, width: 14, colour: (UInt8(40 * shade), 90, 7)) }
        let fitting = ImageFitting(modelSize: 16, originals: images)
        #expect(fitting.side == 12 && fitting.original(images[0]).width == 12)
        let autoencoder = PatternDecoder.autoencoder(decoder, fitting: fitting)
        let latents = try autoencoder.encode(images)
        #expect(latents.map(\.count) == [192, 192])
        let decoded = try autoencoder.decode(latents)
        #expect(decoded.allSatisfy { $0.height == 12 && $0.width == 12 })
    }

    @Test("Images are compared at the originals' size where the decoder reaches it, else at the decoder's")
    func sizes() {
        let (small, large) = (Image8(height: 28, width: 28), Image8(height: 50, width: 40))
        #expect(ImageFitting(modelSize: 32, originals: [small, small]).side == 28)
        #expect(ImageFitting(modelSize: 32, originals: [large]).side == 32)
        #expect(ImageFitting(modelSize: 64, originals: [small, large]).side == 64)
        #expect(ImageFitting(modelSize: 32, originals: [small]).toModel(large).height == 32)
    }
}
