import Decoder
import Foundation
import Images
import Tensors

/// How patterns are decoded.
struct DecodeSettings {
    var method: SamplerMethod
    var steps: Int
    var spacing: TimestepSpacing?
    var eta: Float
    var seed: UInt64
    var samples: Int
    var previewInterval: Int?

    /// The spacing asked for, or else the sampler's.
    var effectiveSpacing: TimestepSpacing { spacing ?? method.defaultSpacing }
}

/// Decodes patterns and writes the images.
final class DecodeRun {
    /// An image that was written.
    struct Image: Encodable {
        var file: String
        var pattern: Int
        var sample: Int
        /// Of encoding the pattern; shared by its samples.
        var encodingSeconds: Double
        var samplingSeconds: Double
        var decodingSeconds: Double
    }

    let decoder: LatentDiffusion
    let settings: DecodeSettings
    let schedule: SamplingSchedule
    private let folder: URL
    private let clock = ContinuousClock()

    init(decoder: LatentDiffusion, settings: DecodeSettings, folder: URL) {
        self.decoder = decoder
        self.settings = settings
        self.folder = folder
        schedule = SamplingSchedule(
            steps: settings.steps,
            spacing: settings.effectiveSpacing,
            schedule: decoder.schedule
        )
    }

    /// Decodes every pattern as often as asked for.
    func decode(_ source: PatternSource) throws -> [Image] {
        let total = source.count * settings.samples * schedule.count
        let progress = ProgressLine("decode", unit: "steps", total: total)
        var images: [Image] = []
        for pattern in 0..<source.count {
            var context: Tensor?
            let encoding = try clock.measure { context = try encode(source.patterns.rows(pattern..<pattern + 1)) }
            guard let context else { continue }
            for sample in 0..<settings.samples {
                let finished = images.count * schedule.count
                var image = try decode(context, pattern: pattern, sample: sample) { progress.update(finished + $0) }
                image.encodingSeconds = encoding.seconds
                images.append(image)
            }
        }
        return images
    }

    private func encode(_ pattern: Tensor) throws -> Tensor {
        guard let context = decoder.condition(pattern) else {
            throw CommandFailure(.badData, "the bundle has no conditioning on fMRI")
        }
        return context
    }

    private func decode(
        _ context: Tensor,
        pattern: Int,
        sample: Int,
        progress: (Int) -> Void
    ) throws -> Image {
        let name = Self.name(pattern: pattern, sample: sample)
        let noise = ReconstructionNoise(seed: settings.seed, pattern: pattern, sample: sample)
        var latents = context
        let sampling = try clock.measure {
            latents = try decoder.reconstruct(
                context: context,
                noise: noise,
                method: settings.method,
                eta: settings.eta,
                schedule: schedule
            ) { step in
                progress(step.index + 1)
                if let interval = settings.previewInterval, (step.index + 1) % interval == 0,
                    step.index + 1 < step.count
                {
                    try write(step.estimate, name: String(format: "%@_step_%04d.png", name, step.index + 1))
                }
                return .proceed
            }
        }
        let decoding = try clock.measure { try write(latents, name: name + ".png") }
        return Image(
            file: name + ".png",
            pattern: pattern,
            sample: sample,
            encodingSeconds: 0,
            samplingSeconds: sampling.seconds,
            decodingSeconds: decoding.seconds
        )
    }

    private func write(_ latents: Tensor, name: String) throws {
        let pixels = decoder.decode(latents)
        let image = Image8(signed: pixels.reshaped(Array(pixels.shape.dropFirst())))
        try PNG.write(image, to: folder.appendingPathComponent(name))
    }

    private static func name(pattern: Int, sample: Int) -> String {
        String(format: "pattern_%05d_sample_%03d", pattern, sample)
    }
}
