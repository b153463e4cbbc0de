import Foundation
import Neuroimaging
import Tensors
import Testing

@testable import Preprocessing

@Suite("A volume as cubic B-splines")
struct SplineVolumeTests {
    static let grid = VoxelGrid(
        shape: [19, 17, 15],
        affine: Affine(rows: [2, 0, 0.1, -20], [0, 2.5, 0, -10], [0, -0.1, 3, 5])
    )

    static func wave(_ p: SIMD3<Double>) -> Double {
        100 + 10 * sin(0.25 * p.x + 0.1) * cos(0.2 * p.y) + 5 * sin(0.15 * p.z + 0.1 * p.x)
    }

    static func smoothVolume(_ grid: VoxelGrid = grid) -> Volume {
        Volume(grid: grid, voxels: (0..<grid.count).map { Float(wave(grid.affine(SIMD3<Double>(grid.index($0))))) })
    }

    static func kernels(threads: Int = 1, _ set: InstructionSet = .best) -> VolumeKernels {
        VolumeKernels(pool: ThreadPool(threads: threads), instructionSet: set)
    }

    @Test("passes through every voxel", arguments: InstructionSet.allCases.filter { $0.isAvailable })
    func interpolates(set: InstructionSet) throws {
        var random = SystemRandomNumberGenerator()
        let volume = Volume(
            grid: Self.grid,
            voxels: (0..<Self.grid.count).map { _ in Float.random(in: -1...1, using: &random) }
        )
        let kernels = Self.kernels(set)
        let spline = SplineVolume(volume, kernels: kernels)
        let points = PointCloud((0..<Self.grid.count).map { SIMD3<Double>(Self.grid.index($0)) })
        var values = [Float](repeating: 0, count: points.count)
        #expect(spline.sample(&values, at: points, map: .identity, kernels: kernels) == 0)
        #expect(zip(values, volume.voxels).allSatisfy { abs($0 - $1) < 2e-5 })
    }

    @Test("follows a smooth function between voxels far more closely than straight lines do")
    func follows() throws {
        let kernels = Self.kernels()
        let volume = Self.smoothVolume()
        let spline = SplineVolume(volume, kernels: kernels)
        let inside = (0..<200).map { index in
            SIMD3<Double>(
                5 + 9 * (Double(index) * 0.618).truncatingRemainder(dividingBy: 1),
                5 + 7 * (Double(index) * 0.755).truncatingRemainder(dividingBy: 1),
                5 + 4 * (Double(index) * 0.570).truncatingRemainder(dividingBy: 1)
            )
        }
        var values = [Float](repeating: 0, count: 200)
        let world = PointCloud(inside.map { Self.grid.affine($0) })
        spline.sample(&values, at: world, map: try #require(Self.grid.affine.inverse), kernels: kernels)
        let errors = zip(values, inside).map { abs(Double($0) - Self.wave(Self.grid.affine($1))) }
        let linear = inside.map { abs(Double(volume.trilinear($0)) - Self.wave(Self.grid.affine($0))) }
        #expect((errors.max() ?? 1) < 0.02)
        #expect((errors.max() ?? 1) < 0.05 * (linear.max() ?? 0))
    }

    @Test("leaves points outside alone and counts them")
    func outside() {
        let kernels = Self.kernels()
        let spline = SplineVolume(Self.smoothVolume(), kernels: kernels)
        let points = PointCloud([[-0.6, 3, 3], [3, 3, 3], [3, 16.6, 3], [3, 3, .nan], [-0.4, 0, 14.4]])
        var values = [Float](repeating: -7, count: 5)
        #expect(spline.sample(&values, at: points, map: .identity, kernels: kernels) == 3)
        #expect(values[0] == -7 && values[2] == -7 && values[3] == -7)
        #expect(values[1] > 50 && values[4] > 50)
    }

    @Test("smoothed has the amplitude that a Gaussian leaves of a wave")
    func smoothing() throws {
        let grid = VoxelGrid(shape: [48, 20, 20], affine: .scaling([2, 2, 2]))
        let frequency = 2 * Double.pi / 24
        let volume = Volume(grid: grid, voxels: (0..<grid.count).map { Float(cos(frequency * 2 * Double($0 % 48))) })
        let kernels = Self.kernels(threads: 2)
        let spline = SplineVolume(volume, kernels: kernels)
        var smoothed = SplineVolume(grid: grid)
        smoothed.smooth(spline, fullWidth: 6, kernels: kernels)
        var values = [Float](repeating: 0, count: 1)
        smoothed.sample(&values, at: PointCloud([[24, 10, 10]]), map: .identity, kernels: kernels)
        let deviation = 6 / (8 * log(2.0)).squareRoot()
        // The taps integrate over voxels, which adds the variance of a voxel, 1/12 of its square.
        let expected = exp(-0.5 * frequency * frequency * (deviation * deviation + 4.0 / 12))
        #expect(abs(Double(values[0]) - expected) < 2e-3)
    }

    @Test("is the same on any number of threads, bit for bit")
    func threads() {
        let volume = Self.smoothVolume()
        let (one, three) = (Self.kernels(), Self.kernels(threads: 3))
        let (a, b) = (SplineVolume(volume, kernels: one), SplineVolume(volume, kernels: three))
        #expect(a.coefficients == b.coefficients)
        var (c, d) = (SplineVolume(grid: Self.grid), SplineVolume(grid: Self.grid))
        c.smooth(a, fullWidth: 5, kernels: one)
        d.smooth(b, fullWidth: 5, kernels: three)
        #expect(c.coefficients == d.coefficients)
    }
}
