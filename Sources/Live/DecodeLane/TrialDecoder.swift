import Decoder
import Foundation
import Images
import Tensors

/// Turns patterns into images: the same bytes for the same pattern, noise and steps, on any number of threads.
///
/// It belongs to one thread.
final class TrialDecoder {
    /// How an image is made.
    struct Request {
        /// Where the random numbers come from.
        var noise: ReconstructionNoise
        /// The sampler.
        var method: SamplerMethod
        /// The steps of the schedule.
        var steps: Int
    }

    /// An image, and what it took.
    struct Image: Sendable {
        /// The pixels.
        var image: Image8
        /// The file.
        var png: [UInt8]
        /// The steps that were taken: fewer than planned if it was cut short.
        var steps: Int
        /// The steps of the schedule.
        var plannedSteps: Int
        /// Seconds by stage.
        var seconds: (sampling: Double, decoding: Double, compression: Double)

        /// Whether it is the estimate of a step before the last.
        var isCutShort: Bool { steps < plannedSteps }
    }

    /// The bundle.
    let bundle: DecoderBundle
    private let decoder: LatentDiffusion
    private let standardization: PatternStandardization?
    private let clock = ContinuousClock()

    /// Opens a bundle's networks; their weights are read when they are first needed.
    ///
    /// Throws `LiveError` for a bundle without conditioning on fMRI, and what opening it throws.
    init(_ bundle: DecoderBundle) throws {
        self.bundle = bundle
        decoder = try bundle.makeDecoder()
        standardization = try bundle.standardization()
        guard decoder.conditioning != nil else {
            throw LiveError(.bundle, bundle.folder.path, "has no conditioning on fMRI; fine-tune it first")
        }
    }

    /// The number of voxels of a pattern; without standardization it may also have fewer.
    var voxels: Int { standardization?.rawVoxels ?? bundle.manifest.voxels }

    /// The condition of a pattern, which all its samples share.
    ///
    /// The pattern is prepared as in training: its voxels selected and scaled as the bundle says, if it does, and
    /// continued from its beginning to the decoder's width. What is no number counts as the mean.
    func condition(_ pattern: [Float]) throws -> Tensor {
        if let mismatch = bundle.mismatch(voxels: pattern.count, standardization) {
            throw LiveError(.bundle, bundle.folder.path, mismatch)
        }
        let width = bundle.manifest.voxels
        let prepared = standardization?.apply(pattern) ?? (0..<width).map { pattern[$0 % pattern.count] }
        let finite = prepared.map { $0.isFinite ? $0 : 0 }
        guard let condition = decoder.condition(Tensor(finite, shape: [1, 1, width])) else {
            throw LiveError(.bundle, bundle.folder.path, "has no conditioning on fMRI")
        }
        return condition
    }

    /// A number of steps near the one asked for whose schedule has just so many: uniform spacing rounds up.
    func plannedSteps(_ method: SamplerMethod, _ steps: Int) -> Int {
        var planned = min(max(1, steps), decoder.schedule.count)
        for _ in 0..<10 {
            let count = schedule(method, planned).count
            if count == planned { break }
            planned = count
        }
        return planned
    }

    /// Makes an image; `isEnough` may end the sampling after a step, and the estimate of that step is the image.
    func image(
        of condition: Tensor,
        _ request: Request,
        isEnough: (_ stepsTaken: Int) -> Bool = { _ in false }
    ) throws -> Image {
        let schedule = schedule(request.method, request.steps)
        var taken = 0
        var latents = condition
        let sampling = try clock.measure {
            latents = try decoder.reconstruct(
                context: condition,
                noise: request.noise,
                method: request.method,
                schedule: schedule
            ) { step in
                taken = step.index + 1
                return taken < step.count && isEnough(taken) ? .stop : .proceed
            }
        }
        var image = Image8(height: 1, width: 1)
        let decoding = clock.measure {
            let pixels = decoder.decode(latents)
            image = Image8(signed: pixels.reshaped(Array(pixels.shape.dropFirst())))
        }
        var png: [UInt8] = []
        let compression = try clock.measure { png = [UInt8](try PNG.encode(image)) }
        return Image(
            image: image,
            png: png,
            steps: taken,
            plannedSteps: schedule.count,
            seconds: (sampling / .seconds(1), decoding / .seconds(1), compression / .seconds(1))
        )
    }

    /// Keeps what was packed for the next start; returns why it could not be kept, if it was not.
    func keepPackedWeights() -> String? {
        do {
            try bundle.savePackedWeights(of: decoder)
            return nil
        } catch {
            return String(describing: error)
        }
    }

    private func schedule(_ method: SamplerMethod, _ steps: Int) -> SamplingSchedule {
        SamplingSchedule(steps: steps, spacing: method.defaultSpacing, schedule: decoder.schedule)
    }
}
