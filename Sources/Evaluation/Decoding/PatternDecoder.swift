import Decoder
import Images
import Neural
import Tensors

/// Reconstructs many patterns with a decoder, several images at a time.
public struct PatternDecoder {
    /// How patterns are decoded.
    public struct Settings: Sendable, Equatable {
        /// The sampler.
        public var method: SamplerMethod
        /// The steps, from 1 to 1000.
        public var steps: Int
        /// The seed of the start noise.
        public var seed: UInt64
        /// The images per pattern.
        public var samples: Int

        /// Describes how patterns are decoded.
        public init(method: SamplerMethod, steps: Int, seed: UInt64, samples: Int) {
            (self.method, self.steps, self.seed, self.samples) = (method, steps, seed, samples)
        }
    }

    private let decoder: LatentDiffusion
    private let settings: Settings
    /// The timesteps.
    public let schedule: SamplingSchedule

    /// Takes a decoder with conditioning on fMRI.
    public init(_ decoder: LatentDiffusion, settings: Settings) {
        precondition(decoder.conditioning != nil, "A decoder without conditioning on fMRI decodes no patterns.")
        self.decoder = decoder
        self.settings = settings
        schedule = SamplingSchedule(
            steps: settings.steps,
            spacing: settings.method.defaultSpacing,
            schedule: decoder.schedule
        )
    }

    /// How many images are sampled at once: as many as have about 8192 latent positions together.
    ///
    /// Small networks spend their time between operations, large ones in them.
    public var batch: Int {
        let side = decoder.configuration.unet.latentSize
        return max(1, min(64, 8192 / (side * side)))
    }

    /// The steps of all groups of images that so many patterns make.
    public func totalSteps(patterns: Int) -> Int {
        (patterns * settings.samples + batch - 1) / batch * schedule.count
    }

    /// Images of patterns, `[sample][pattern]`, as a file would have them.
    ///
    /// An image depends on the seed, the numbers of its pattern and sample, and the settings.
    /// - Parameters:
    ///   - patterns: `[n, voxels]` as the decoder takes them: scaled and of its width.
    ///   - progress: called after every step with the number of steps done, of ``totalSteps(patterns:)``.
    /// - Throws: `CancellationError`.
    public func decode(_ patterns: Tensor, progress: (_ done: Int) -> Void = { _ in }) throws
        -> [[Image8]]
    {
        let (count, voxels) = (patterns.shape[0], patterns.shape[1])
        let contexts = (0..<count).compactMap { row in
            decoder.condition(patterns.rows(row..<row + 1).reshaped([1, 1, voxels]))
        }
        let jobs = (0..<count).flatMap { pattern in (0..<settings.samples).map { (pattern: pattern, sample: $0) } }
        let groups = stride(from: 0, to: jobs.count, by: batch).map { Array(jobs[$0..<min($0 + batch, jobs.count)]) }
        var images = [[Image8?]](repeating: Array(repeating: nil, count: count), count: settings.samples)
        for (index, group) in groups.enumerated() {
            let latents = try decoder.reconstruct(
                contexts: Self.joined(group.map { contexts[$0.pattern] }),
                noises: group.map { .init(seed: settings.seed, pattern: $0.pattern, sample: $0.sample) },
                method: settings.method,
                schedule: schedule
            ) { step in
                progress(index * schedule.count + step.index + 1)
                return .proceed
            }
            for (image, job) in zip(Self.images(decoder.decode(latents)), group) {
                images[job.sample][job.pattern] = image
            }
        }
        return images.map { $0.compactMap { $0 } }
    }

    /// The images of a batch `[B, H, W, 3]`.
    static func images(_ pixels: Tensor) -> [Image8] {
        (0..<pixels.shape[0]).map { index in
            Image8(signed: pixels.rows(index..<index + 1).reshaped(Array(pixels.shape.dropFirst())))
        }
    }

    /// Tensors of one shape `[1, …]` as one.
    static func joined(_ parts: [Tensor]) -> Tensor {
        let result = Tensor(uninitialized: [parts.count] + parts[0].shape.dropFirst())
        let size = parts[0].count
        for (index, part) in parts.enumerated() {
            withExtendedLifetime(part) { (result.pointer + index * size).update(from: part.pointer, count: size) }
        }
        return result
    }
}

extension PatternDecoder {
    /// The decoder's autoencoder, for ridge regression to latents.
    /// - Parameter fitting: between the sizes of images.
    public static func autoencoder(_ decoder: LatentDiffusion, fitting: ImageFitting) -> Baseline.Autoencoder {
        let shape = decoder.latentShape(count: 1)
        return Baseline.Autoencoder { images in
            images.map { image in
                let pixels = fitting.toModel(image).signedTensor()
                let batch = Variable(pixels.reshaped([1] + pixels.shape))
                return GradientRecording.disabled { decoder.autoencoder.encode(batch).value.elements }
            }
        } decode: { latents in
            latents.flatMap { row in
                images(decoder.decode(Tensor(row, shape: shape))).map { FloatImage(fitting.fromModel($0)) }
            }
        }
    }
}
