import Foundation
import Neuroimaging
import Preprocessing
import Tensors

/// A short run of a small head, as 16-bit integers, with events and what it is processed with.
public struct SmallScan: Sendable {
    /// The time from volume to volume in s.
    public static let repetitionTime = 2.0
    /// Where the voxels are.
    public let grid: VoxelGrid
    /// A region at the back of the head.
    public let mask: Mask
    /// The volumes.
    public let volumes: [StoredVolume]
    /// The stimuli.
    public let events: [StimulusEvent]
    /// The smoothing of its settings in mm.
    public var smoothing = 0.0
    /// When trials are read out, in s after their onset.
    public var delays = [6.0, 10]

    /// Makes a run in which every other voxel of the region answers to stimuli.
    public init(volumes count: Int = 30, seed: UInt64 = 7) throws {
        let grid = VoxelGrid(
            shape: [22, 26, 16],
            affine: Affine(rows: [-6.5, 0, 0, 68], [0, 6.5, -0.4, -82], [0, 0.4, 6.5, -50])
        )
        let mask = try Mask(grid: grid) { offset in
            length(grid.affine(SIMD3<Double>(grid.index(offset))) - [0, -40, 0]) < 20
        }
        let onsets = stride(from: 5.0, to: Double(count) * Self.repetitionTime - 12, by: 8)
        let events = onsets.map {
            StimulusEvent(onset: $0, duration: 1, trialType: "face", stimulusFile: "\(Int($0)).png")
        }
        let times = (0..<count).map { Double($0) * Self.repetitionTime }
        let regressor = try HemodynamicResponse.glover.regressor(events, frameTimes: times)
        let members = Set(mask.offsets.enumerated().filter { $0.offset % 2 == 0 }.map(\.element))
        let anatomy = (0..<grid.count).map { Self.brightness(grid.affine(SIMD3<Double>(grid.index($0)))) }
        var noise = RandomNumbers(seed: seed, purpose: "scan")
        volumes = try (0..<count).map { number in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(grid.count * 2)
            for offset in 0..<grid.count {
                let answer = members.contains(offset) ? 20 * regressor[number] : 0
                let value = anatomy[offset] + answer + Double(noise.uniform() - 0.5) * 3
                withUnsafeBytes(of: Int16(value).littleEndian) { bytes.append(contentsOf: $0) }
            }
            return try StoredVolume(grid: grid, dataType: .int16, bytes: bytes)
        }
        (self.grid, self.mask, self.events) = (grid, mask, events)
    }

    /// A round head with inner structure.
    private static func brightness(_ point: SIMD3<Double>) -> Double {
        let radii = SIMD3<Double>(60, 72, 44)
        let scaled = point / radii
        let edge = 1 / (1 + exp(6 * ((scaled * scaled).sum().squareRoot() - 1)))
        return 30 + edge * (600 + 150 * sin(point.x / 11) * cos(point.y / 13) + 90 * sin(point.z / 9 + point.x / 17))
    }

    /// Settings that need few volumes.
    public var configuration: ProcessingConfiguration {
        var configuration = ProcessingConfiguration(
            repetitionTime: Self.repetitionTime,
            plannedVolumes: volumes.count
        )
        configuration.confounds = ConfoundConfiguration(drift: .polynomial(order: 1), motion: .none)
        configuration.smoothing = smoothing
        configuration.trials.method = .leastSquaresSeparate(response: .glover, delays: delays)
        return configuration
    }

    /// A volume as it comes from a scanner.
    public func incoming(_ index: Int, session: String = "s1", run: String = "r1", arrivesAt time: Double? = nil)
        -> IncomingVolume
    {
        IncomingVolume(
            session: session,
            run: run,
            index: index,
            volume: volumes[index],
            repetitionTime: Self.repetitionTime,
            arrival: Arrival(instant: .now, time: time ?? Date().timeIntervalSince1970)
        )
    }

    /// What is said at the start of the run.
    public func description(session: String = "s1", run: String = "r1") -> RunDescription {
        var description = RunDescription(session: session, run: run)
        description.repetitionTime = Self.repetitionTime
        description.plannedVolumes = volumes.count
        return description
    }

    /// The estimates of the whole run, processed by the batch of calls that `percept preprocess` makes.
    ///
    /// `folder` has mask and reference as files hold them, with the affine in single precision.
    public func expectedTrials(indices: [Int]? = nil, folder: URL? = nil) throws -> [TrialPattern] {
        let read = { (name: String) in try NIfTIReader(path: "\(folder?.path ?? "")/\(name)").volume(0) }
        var processor = try VolumeProcessor(
            configuration: configuration,
            mask: folder == nil ? mask : Mask(read("mask.nii.gz")),
            reference: folder == nil ? volumes[0].volume : read("reference.nii.gz"),
            kernels: VolumeKernels(pool: ThreadPool(threads: 1))
        )
        for event in events { try processor.present(event) }
        var trials: [TrialPattern] = []
        for index in indices ?? Array(volumes.indices) {
            trials += try volumes[index].volume.voxels.withUnsafeBufferPointer {
                try processor.process(.float($0), grid: grid, number: index).trials
            }
        }
        return try trials + processor.finish()
    }
}
