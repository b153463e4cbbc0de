import Foundation
import Neuroimaging
import Settings
import Tensors

/// The noise of a run, volume by volume: relative to a voxel's mean, or thermal.
///
/// Every number is drawn by run, volume and part, so that a run is the same each time.
struct ScannerNoise {
    private let settings: NoiseSettings
    private let composition: NoiseComposition
    private let grid: VoxelGrid
    private let seed: UInt64
    private let repetitionTime: Double
    private let smooth: SmoothNoise
    /// The phase of breathing and of the heartbeat at each slice of each volume.
    private let phases: [[Double]]
    /// By how much the phases differ between voxels.
    private let phaseFields: [[Float]]
    /// The trend of the drift, and the phase of its wave, along x, y and z.
    private let drift: (trend: SIMD3<Double>, phase: SIMD4<Double>)
    private let volumes: Int
    private var autoregressive: [Float] = []
    private var next = 0

    init(
        _ settings: NoiseSettings,
        composition: NoiseComposition,
        grid: VoxelGrid,
        sliceTimes: [Double],
        repetitionTime: Double,
        volumes: Int,
        seed: UInt64
    ) {
        (self.settings, self.composition, self.grid, self.seed) = (settings, composition, grid, seed)
        (self.repetitionTime, self.volumes) = (repetitionTime, volumes)
        smooth = SmoothNoise(shape: grid.shape, deviations: composition.kernels)
        var random = RandomNumbers(seed: seed, purpose: "physiology")
        let order = sliceTimes.indices.sorted { sliceTimes[$0] < sliceTimes[$1] }
        let times = (0..<volumes).flatMap { volume in
            order.map { Double(volume) * repetitionTime + sliceTimes[$0] }
        }
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        phases = [settings.respirationRate, settings.heartRate].map { rate in
            let rising = Rhythm(rate: rate).phases(at: times, random: &random)
            return (0..<volumes).flatMap { volume in
                sliceTimes.indices.map { rising[volume * order.count + (places[$0] ?? 0)] }
            }
        }
        let field = SmoothNoise(shape: grid.shape, deviations: composition.phases.kernels)
        let deviation = Float(composition.phases.deviation)
        phaseFields = (0..<2).map { _ in field.field(&random).map { deviation * $0 } }
        let (a, b, c) = (random.normalPair(), random.normalPair(), random.normalPair())
        drift = (
            SIMD3(Double(a.0), Double(a.1), Double(b.0)),
            SIMD4(Double(b.1), Double(c.0), Double(c.1), 2 * .pi * Double(random.uniform()))
        )
    }

    /// Adds the noise of a volume to its intensities; volumes come in order.
    mutating func add(to intensities: inout [Float], volume: Int) {
        precondition(volume == next, "noise is drawn volume by volume")
        next += 1
        var random = RandomNumbers(seed: seed, purpose: "noise", index: UInt64(volume))
        let innovation = smooth.field(&random)
        let coefficient = Float(composition.coefficient)
        if volume == 0 {
            autoregressive = innovation
        } else {
            let scale = (1 - coefficient * coefficient).squareRoot()
            for index in autoregressive.indices {
                autoregressive[index] = coefficient * autoregressive[index] + scale * innovation[index]
            }
        }
        let total = 1 / settings.temporalSignalToNoise
        let share = (
            autoregressive: Float(total * composition.autoregressive.squareRoot()),
            rhythm: Float(total * composition.physiology.squareRoot())
        )
        let plane = grid.shape.x * grid.shape.y
        for slice in 0..<grid.shape.z {
            let place = volume * grid.shape.z + slice
            let (breath, heart) = (Float(phases[0][place]), Float(phases[1][place]))
            for index in slice * plane..<(slice + 1) * plane where intensities[index] > 0 {
                // Two waves of variance 1/2 each.
                let rhythm = sin(breath + phaseFields[0][index]) + sin(heart + phaseFields[1][index])
                let relative = share.autoregressive * autoregressive[index] + share.rhythm * rhythm
                intensities[index] *= 1 + relative
            }
        }
        addDrift(to: &intensities, volume: volume)
        addThermal(to: &intensities, &random)
        addSpike(to: &intensities, volume: volume)
    }

    /// A trend and a wave, in different strength and phase across the head.
    private func addDrift(to intensities: inout [Float], volume: Int) {
        guard settings.drift > 0 else { return }
        let time = Double(volume) * repetitionTime
        let progress = 2 * Double(volume) / Double(max(1, volumes - 1)) - 1
        let angle = 2 * .pi * time / settings.driftPeriod + drift.phase.w
        // Both have a variance of 1/2: a trend from −1 to 1 has 1/3.
        let trend = progress * 1.5.squareRoot()
        let size = settings.drift / 100
        let scale = SIMD3<Double>(grid.shape)
        for z in 0..<grid.shape.z {
            for y in 0..<grid.shape.y {
                let row = grid.offset(0, y, z)
                for x in 0..<grid.shape.x where intensities[row + x] > 0 {
                    let place = 2 * SIMD3<Double>(Double(x), Double(y), Double(z)) / scale - 1
                    let slope = (drift.trend * place).sum()
                    let wave = (SIMD3(drift.phase.x, drift.phase.y, drift.phase.z) * place).sum()
                    let value = (slope / (1 + abs(slope))) * 1.4 * trend + sin(angle + wave)
                    intensities[row + x] *= 1 + Float(size * value)
                }
            }
        }
    }

    /// Noise of the receiver: a magnitude has that of a complex number (Gudbjartsson & Patz, MRM 34, 1995).
    private func addThermal(to intensities: inout [Float], _ random: inout RandomNumbers) {
        let deviation = HeadAnatomy.greyMatter / settings.temporalSignalToNoise * composition.thermal.squareRoot()
        guard deviation > 0 else { return }
        let scale = Float(deviation)
        for index in intensities.indices {
            let (real, imaginary) = random.normalPair()
            let (a, b) = (intensities[index] + scale * real, scale * imaginary)
            intensities[index] = (a * a + b * b).squareRoot()
        }
    }

    private func addSpike(to intensities: inout [Float], volume: Int) {
        var random = RandomNumbers(seed: seed, purpose: "spike", index: UInt64(volume))
        guard Double(random.uniform()) < settings.spikeRate else { return }
        let plane = grid.shape.x * grid.shape.y
        let slice = random.integer(below: grid.shape.z)
        let factor = Float(1 + settings.spikeSize / 100)
        for index in slice * plane..<(slice + 1) * plane { intensities[index] *= factor }
    }
}
