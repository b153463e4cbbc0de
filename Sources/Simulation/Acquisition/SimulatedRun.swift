import Foundation
import Neuroimaging
import Preprocessing
import Settings
import Streaming
import Tensors

/// A run of a simulated participant, volume by volume.
///
/// Settings, stimuli, visit and run decide everything: the same ones give the same volumes, bit for bit on one kind of
/// machine. Volumes are made when they are asked for, in order; asking for an earlier one begins anew.
public final class SimulatedRun: ReplayableRun {
    /// What is simulated.
    public let settings: SimulationSettings
    /// Who is simulated.
    public let participant: Participant
    /// What is shown.
    public let stimuli: [SimulatedStimulus]
    /// When it is shown.
    public let design: StimulusDesign
    /// The number of the visit and of the run in it, from 1.
    public let (visit, run): (Int, Int)
    /// Where the voxels are.
    public let grid: VoxelGrid
    /// When each slice is measured, in s after the start of a volume.
    public let sliceTimes: [Double]
    /// Where the head is at each volume, relative to the first visit's position.
    public let positions: [RigidMotion]
    /// The parts of the noise.
    public let composition: NoiseComposition

    private let seed: UInt64
    private let oxygenation: BloodOxygenation
    private let residuals: ResidualNoise?
    /// The noise before the first volume.
    private let initialNoise: ScannerNoise
    private var noise: ScannerNoise
    private var next = 0
    private var last: (place: Int, volume: StoredVolume)?

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - settings: What is simulated.
    ///   - participant: The person, where it has been made already; of the same settings.
    ///   - stimuli: The images, each shown once.
    ///   - visit: The visit, from 1; from the second on the head lies differently.
    ///   - run: The run of the visit, from 1.
    /// - Throws: ``SimulationError``, `NeuroimagingError`.
    public init(
        _ settings: SimulationSettings,
        participant: Participant? = nil,
        stimuli: [SimulatedStimulus],
        visit: Int = 1,
        run: Int = 1
    ) throws {
        guard !stimuli.isEmpty else { throw SimulationError(.input, "stimuli", "there is no image to show") }
        self.settings = settings
        (self.stimuli, self.visit, self.run) = (stimuli, visit, run)
        let participant = try participant ?? Participant(settings)
        self.participant = participant
        let acquisition = settings.acquisition
        grid = Self.grid(acquisition)
        sliceTimes = SliceTiming.times(acquisition)
        seed = settings.participant &* 1_000_003 &+ UInt64(visit) &* 1009 &+ UInt64(run)
        design = StimulusDesign(settings.stimuli, stimuli: stimuli, seed: seed)
        let count = max(2, Int((design.length / acquisition.repetitionTime).rounded(.up)))
        let lying = HeadMotion.visitPosition(settings.motion, visit: visit, participant: settings.participant).affine
        positions = try HeadMotion.positions(settings.motion, volumes: count, seed: seed).map { motion in
            RigidMotion(motion.affine * lying)
        }
        let drives = stimuli.map { participant.drive($0.image, category: $0.category) }
        oxygenation = try BloodOxygenation(
            participant,
            drive: design.order.map { drives[$0] },
            onsets: design.events.map(\.onset),
            duration: settings.stimuli.duration,
            change: settings.cortex.signalChange
        )
        composition = try NoiseComposition(
            settings.noise,
            repetitionTime: acquisition.repetitionTime,
            voxelSize: grid.voxelSize,
            sliceTimes: sliceTimes
        )
        residuals = try settings.noise.residuals.map { try ResidualNoise(path: $0, limit: count) }
        initialNoise = ScannerNoise(
            settings.noise,
            composition: composition,
            grid: grid,
            sliceTimes: sliceTimes,
            repetitionTime: acquisition.repetitionTime,
            volumes: count,
            seed: seed
        )
        noise = initialNoise
    }

    /// What it is called in messages.
    public var path: String { "simulated participant \(settings.participant)" }
    /// `task-viewing_run-1` and so on.
    public var name: String { "task-viewing_run-\(run)" }
    /// The participant's label.
    public var subject: String? { settings.label }
    /// `viewing`.
    public var task: String? { "viewing" }
    /// The time from volume to volume in s.
    public var repetitionTime: Double? { settings.acquisition.repetitionTime }
    /// All volumes.
    public var numbers: [Int] { Array(positions.indices) }
    /// The images' events.
    public var events: [StimulusEvent] { design.events }
    /// There are none.
    public func files(_ place: Int) -> [String] { [] }

    /// A volume of 16-bit numbers.
    public func volume(_ place: Int) throws -> StoredVolume {
        if let last, last.place == place { return last.volume }
        if place < next { restart() }
        while next < place { _ = measure(next) }
        var bytes = [UInt8](repeating: 0, count: 2 * grid.count)
        for (index, value) in measure(place).enumerated() {
            let number = Int16(min(32_767, max(0, value.rounded())))
            bytes[2 * index] = UInt8(truncatingIfNeeded: number)
            bytes[2 * index + 1] = UInt8(truncatingIfNeeded: number >> 8)
        }
        let volume = try StoredVolume(grid: grid, dataType: .int16, bytes: bytes)
        last = (place, volume)
        return volume
    }

    /// The signal change of every site at the middle of a volume, in percent: the truth behind it.
    public func signalChange(_ place: Int) -> [Double] {
        let moment = oxygenation.moment((Double(place) + 0.5) * settings.acquisition.repetitionTime)
        return participant.sites.indices.map { oxygenation.change($0, moment) }
    }

    /// The drive of every site at each trial, in percent of signal at the peak.
    public var drive: [[Double]] { oxygenation.drive }

    /// The voxels that lie at sites of the visual cortex, as the head lies at the first volume, each with its region.
    public func areas() -> Volume {
        var volume = Volume(zeros: grid)
        var nearest = [Double](repeating: .infinity, count: grid.count)
        let map = VoxelMap(grid: grid, position: positions[0])
        for site in participant.sites {
            let point = map.voxel(site.position)
            let centre = point.rounded(.toNearestOrEven)
            for offset in 0..<27 {
                let step = SIMD3<Double>(Double(offset % 3 - 1), Double(offset / 3 % 3 - 1), Double(offset / 9 - 1))
                let voxel = centre + step
                guard let place = grid.place(voxel) else { continue }
                let distance = Neuroimaging.length((voxel - point) * grid.voxelSize)
                guard distance <= settings.cortex.pointSpread, distance < nearest[place] else { continue }
                nearest[place] = distance
                volume.voxels[place] = Float(site.area.rawValue)
            }
        }
        return volume
    }

    private func restart() {
        next = 0
        noise = initialNoise
    }

    private func measure(_ place: Int) -> [Float] {
        var intensities = head(place)
        addResponses(to: &intensities, place)
        if let residuals {
            residuals.add(to: &intensities, of: grid, volume: place)
        } else {
            noise.add(to: &intensities, volume: place)
        }
        next = place + 1
        return intensities
    }

    /// The head at rest; each slice sees it where it is when the slice is measured.
    private func head(_ place: Int) -> [Float] {
        var intensities = [Float](repeating: 0, count: grid.count)
        let (now, then) = (positions[place], positions[min(place + 1, positions.count - 1)])
        for z in 0..<grid.shape.z {
            let part = sliceTimes[z] / settings.acquisition.repetitionTime
            let map = VoxelMap(grid: grid, position: now.moved(towards: then, part))
            for y in 0..<grid.shape.y {
                let row = grid.offset(0, y, z)
                for x in 0..<grid.shape.x {
                    let point = map.head(SIMD3(Double(x), Double(y), Double(z)))
                    intensities[row + x] = Float(participant.anatomy.intensity(at: point))
                }
            }
        }
        return intensities
    }

    /// Adds what sites do to the voxels around them.
    private func addResponses(to intensities: inout [Float], _ place: Int) {
        guard settings.cortex.signalChange > 0 else { return }
        let start = Double(place) * settings.acquisition.repetitionTime
        let moments = sliceTimes.map { oxygenation.moment(start + $0) }
        let map = VoxelMap(grid: grid, position: positions[place])
        let sigma = settings.cortex.pointSpread / 2.3548
        // Sites of a regular lattice add up to 1.
        let density = pow(settings.cortex.siteSpacing / (sigma * (2 * Double.pi).squareRoot()), 3)
        let reach = SIMD3<Double>(repeating: 2.5 * sigma) / grid.voxelSize
        var change = [Float](repeating: 0, count: grid.count)
        for (index, site) in participant.sites.enumerated() {
            let point = map.voxel(site.position)
            let axes = (0..<3).map { axis -> (range: Range<Int>, weights: [Double]) in
                let first = min(grid.shape[axis], max(0, Int((point[axis] - reach[axis]).rounded(.up))))
                let end = max(first, min(grid.shape[axis], Int((point[axis] + reach[axis]).rounded(.down)) + 1))
                return (
                    first..<end,
                    (first..<end).map { voxel in
                        let distance = (Double(voxel) - point[axis]) * grid.voxelSize[axis] / sigma
                        return exp(-distance * distance / 2)
                    }
                )
            }
            for (z, weightZ) in zip(axes[2].range, axes[2].weights) {
                let value = density * weightZ * oxygenation.change(index, moments[z]) / 100
                for (y, weightY) in zip(axes[1].range, axes[1].weights) {
                    let row = grid.offset(0, y, z)
                    for (x, weightX) in zip(axes[0].range, axes[0].weights) {
                        change[row + x] += Float(value * weightY * weightX)
                    }
                }
            }
        }
        for place in change.indices where change[place] != 0 { intensities[place] *= 1 + change[place] }
    }

    /// Voxels around the middle of the brain, axes along those of the scanner.
    private static func grid(_ settings: AcquisitionSettings) -> VoxelGrid {
        let size = SIMD3<Double>(settings.voxelSize, settings.voxelSize, settings.sliceThickness)
        let shape = SIMD3<Int>(settings.matrix, settings.matrix, settings.slices)
        var affine = Affine.scaling(size)
        affine.translation = -size * (SIMD3<Double>(shape) - 1) / 2
        return VoxelGrid(shape: shape, affine: affine)
    }
}
