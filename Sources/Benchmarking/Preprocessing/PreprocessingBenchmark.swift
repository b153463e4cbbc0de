import Foundation
import Neuroimaging
import Preprocessing
import Tensors

/// How long it takes from a volume in memory to the updated pattern.
public struct PreprocessingBenchmark: Sendable {
    /// The acquisition that is imitated.
    public struct Acquisition: Sendable, Equatable, Codable {
        /// Voxels along x, y and z.
        public var shape: [Int]
        /// The size of a voxel in mm.
        public var voxelSize: Double

        /// Describes an acquisition.
        public init(_ x: Int, _ y: Int, _ z: Int, _ voxelSize: Double) {
            shape = [x, y, z]
            self.voxelSize = voxelSize
        }

        /// Classic 3 mm, HCP-like, modern 2 mm and NSD-like 1.8 mm.
        public static let usual = [
            Acquisition(64, 64, 36, 3.5), Acquisition(90, 104, 72, 2), Acquisition(104, 104, 72, 2),
            Acquisition(120, 120, 84, 1.8),
        ]
    }

    /// What was measured for one acquisition.
    public struct Result: Sendable, Codable {
        /// The acquisition.
        public var acquisition: Acquisition
        /// The threads that took part.
        public var threads: Int
        /// The voxels of the region.
        public var voxels: Int
        /// The milliseconds of every volume by stage, in order; `total` is all of them.
        public var milliseconds: [String: [Double]]
        /// The mean number of steps of realignment.
        public var iterations: Double
        /// Volumes whose realignment did not converge.
        public var notAligned: Int
        /// The resident memory after the tenth part of the volumes and at the end, in bytes.
        public var memory: [Int]

        /// The median of a stage in ms.
        public func median(_ stage: String) -> Double { (milliseconds[stage] ?? []).median }

        /// The 99th percentile of a stage in ms.
        public func percentile99(_ stage: String) -> Double {
            let sorted = (milliseconds[stage] ?? []).sorted()
            return sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
        }
    }

    /// The stages in the order of processing.
    public static let stages = ["interpolation", "realignment", "sampling", "quality", "regression", "trials", "total"]

    /// Processes `volumes` volumes with `threads` threads, a region of `region` voxels, a trial every 4 s, cosine drift,
    /// 24 motion regressors and spike repair.
    public static func run(
        _ acquisition: Acquisition,
        volumes: Int,
        threads: Int,
        region: Int
    ) throws -> Result {
        let kernels = VolumeKernels(pool: ThreadPool(threads: threads))
        let shape = SIMD3<Int>(acquisition.shape[0], acquisition.shape[1], acquisition.shape[2])
        var head = SyntheticHead(shape: shape, voxelSize: acquisition.voxelSize, kernels: kernels)
        let mask = try head.region(region)
        // Runs of 300 volumes: longer ones have more drift regressors and trials than any run.
        var configuration = ProcessingConfiguration(repetitionTime: 1, plannedVolumes: 300)
        configuration.confounds.motion = .twentyFour
        configuration.spikes = SpikeRepair.Configuration()
        var result = Result(
            acquisition: acquisition,
            threads: threads,
            voxels: mask.count,
            milliseconds: [:],
            iterations: 0,
            notAligned: 0,
            memory: []
        )
        var processor: VolumeProcessor?
        for volume in 0..<volumes {
            let number = volume % configuration.plannedVolumes
            if number == 0 {
                processor = nil
                processor = try VolumeProcessor(configuration: configuration, mask: mask, kernels: kernels)
            }
            head.advance()
            if number % 4 == 2 {
                try processor?.present(StimulusEvent(onset: Double(number) + 0.5, duration: 1))
            }
            let start = ContinuousClock.now
            let processed = try head.voxels.withUnsafeBufferPointer { voxels in
                try processor?.process(.int16(voxels, slope: 1, intercept: 0), grid: head.grid)
            }
            let total = start.duration(to: .now)
            guard let processed else { continue }
            if number > 0 { result.add(processed, total: total) }
            if volume == volumes / 10 { result.memory.append(ProcessMemory.residentBytes ?? 0) }
        }
        result.memory.append(ProcessMemory.residentBytes ?? 0)
        result.iterations /= Double(max(1, volumes))
        return result
    }
}

extension PreprocessingBenchmark.Result {
    fileprivate mutating func add(_ volume: ProcessedVolume, total: Duration) {
        let stages: [(String, Duration)] = [
            ("interpolation", volume.timings.interpolation), ("realignment", volume.timings.realignment),
            ("sampling", volume.timings.sampling), ("quality", volume.timings.quality),
            ("regression", volume.timings.regression), ("trials", volume.timings.trials), ("total", total),
        ]
        for (stage, time) in stages { milliseconds[stage, default: []].append(time / .milliseconds(1)) }
        iterations += Double(volume.motion.iterations)
        if !volume.motion.isConverged { notAligned += 1 }
    }
}
