import Foundation
import Neuroimaging
import Preprocessing
import Tensors

/// A short run of a small moving head in which one half of the region answers to stimuli.
struct SyntheticRun {
    static let repetitionTime = 2.0
    static let onsets: [Double] = [9, 21, 33, 45]
    let grid = VoxelGrid(
        shape: [26, 30, 20],
        affine: Affine(rows: [-5.5, 0, 0, 68], [0, 5.5, -0.4, -80], [0, 0.4, 5.5, -54])
    )
    let mask: Mask
    let volumes: [Volume]
    let motions: [RigidMotion]
    let events: [StimulusEvent]
    /// The response of each voxel of the mask to a stimulus, at its regressor's height of one.
    let responses: [Double]

    init(volumes count: Int = 32, noise: Double = 0.4, seed: UInt64 = 7) throws {
        var state = seed
        func uniform() -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Double(state >> 11) / 0x1p53 - 0.5
        }
        let grid = grid
        let mask = try Mask(grid: grid) { offset in
            let point = grid.affine(SIMD3<Double>(grid.index(offset)))
            return length(point - [0, -40, 0]) < 19
        }
        self.mask = mask
        let events = Self.onsets.map { StimulusEvent(onset: $0, duration: 1, trialType: "face") }
        self.events = events
        let times = (0..<count).map { Double($0) * Self.repetitionTime }
        let regressor = try HemodynamicResponse.glover.regressor(events, frameTimes: times)
        let member = Dictionary(uniqueKeysWithValues: mask.offsets.enumerated().map { ($1, $0) })
        let responses = (0..<mask.count).map { $0 % 2 == 0 ? 20.0 : 0 }
        self.responses = responses
        var motions: [RigidMotion] = []
        volumes = (0..<count).map { number in
            let motion =
                number == 0
                ? RigidMotion.none
                : RigidMotion(
                    translation: SIMD3(uniform(), uniform(), uniform()) * 0.15,
                    rotation: SIMD3(uniform(), uniform(), uniform()) * 0.0015
                )
            motions.append(motion)
            let back = motion.affine.inverse ?? .identity
            return Volume(
                grid: grid,
                voxels: (0..<grid.count).map { offset in
                    let point = back(grid.affine(SIMD3<Double>(grid.index(offset))))
                    let answer = member[offset].map { responses[$0] * regressor[number] } ?? 0
                    let drift = 1 + 0.005 * cos(Double.pi * Double(number) / Double(count))
                    return Float(
                        RigidRegistrationTests.head(point, sharpness: 4) * drift + answer + noise * uniform() * 3.46
                    )
                }
            )
        }
        self.motions = motions
    }

    static let kernels = VolumeKernels(pool: ThreadPool(threads: 2))

    /// Settings that use every step.
    static var configuration: ProcessingConfiguration {
        var configuration = ProcessingConfiguration(repetitionTime: repetitionTime, plannedVolumes: 40)
        configuration.spikes = SpikeRepair.Configuration()
        configuration.confounds = ConfoundConfiguration(drift: .polynomial(order: 1), motion: .none)
        configuration.trials.method = .leastSquaresSeparate(response: .glover, delays: [6, 10])
        return configuration
    }

    /// Processes volumes with the events announced.
    func process(
        _ processor: inout VolumeProcessor,
        _ range: Range<Int>? = nil
    ) throws -> [ProcessedVolume] {
        try (range ?? 0..<volumes.count).map { number in
            try volumes[number].voxels.withUnsafeBufferPointer {
                try processor.process(.float($0), grid: grid, number: number)
            }
        }
    }

    func processor(_ configuration: ProcessingConfiguration = configuration) throws -> VolumeProcessor {
        var processor = try VolumeProcessor(configuration: configuration, mask: mask, kernels: Self.kernels)
        for event in events { try processor.present(event) }
        return processor
    }
}
