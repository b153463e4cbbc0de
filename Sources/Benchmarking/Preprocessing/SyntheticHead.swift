import Foundation
import Neuroimaging
import Preprocessing
import Tensors

/// A head with inner structure that moves as people do, as a scanner would send it.
struct SyntheticHead {
    let grid: VoxelGrid
    private let spline: SplineVolume
    private let points: PointCloud
    private let kernels: VolumeKernels
    private var random: SplitMix
    private var motion = RigidMotion.none
    private var values: [Float]
    /// The volume as stored.
    private(set) var voxels: [Int16]

    /// A head that fills a grid of voxels of one size in mm.
    init(shape: SIMD3<Int>, voxelSize: Double, seed: UInt64 = 1, kernels: VolumeKernels) {
        let centre = SIMD3<Double>(shape &- 1) * voxelSize / 2
        let grid = VoxelGrid(
            shape: shape,
            affine: Affine(
                [-voxelSize, 0, 0],
                [0, voxelSize, 0],
                [0, 0, voxelSize],
                translation: [centre.x, -centre.y, -centre.z]
            )
        )
        var random = SplitMix(state: seed)
        let radii = SIMD3<Double>(0.36, 0.43, 0.46) * SIMD3<Double>(shape) * voxelSize
        var texture = [Float](repeating: 0, count: grid.count)
        for index in texture.indices { texture[index] = Float(random.normal()) }
        var smooth = SplineVolume(grid: grid)
        smooth.smooth(
            SplineVolume(Volume(grid: grid, voxels: texture), kernels: kernels),
            fullWidth: 6,
            kernels: kernels
        )
        var head = Volume(zeros: grid)
        for offset in 0..<grid.count {
            let point = grid.affine(SIMD3<Double>(grid.index(offset))) / radii
            let edge = 1 / (1 + exp(25 * ((point * point).sum().squareRoot() - 1)))
            head.voxels[offset] = Float(20 + edge * (700 + 900 * Double(smooth.coefficients[offset])))
        }
        spline = SplineVolume(head, kernels: kernels)
        points = PointCloud((0..<grid.count).map { grid.affine(SIMD3<Double>(grid.index($0))) })
        values = head.voxels
        voxels = [Int16](repeating: 0, count: grid.count)
        (self.grid, self.random, self.kernels) = (grid, random, kernels)
    }

    /// The `count` voxels nearest to a point at the back of the head.
    func region(_ count: Int) throws -> Mask {
        let back = SIMD3<Double>(0, -0.3, 0) * SIMD3<Double>(grid.shape) * grid.voxelSize
        let distances = (0..<grid.count).map { length(grid.affine(SIMD3<Double>(grid.index($0))) - back) }
        let limit = distances.sorted()[min(count, grid.count - 1)]
        return try Mask(grid: grid) { distances[$0] < limit }
    }

    /// The next volume: the head a little further, with thermal noise of a temporal signal-to-noise ratio of about 60.
    mutating func advance() {
        // Steps of 0.05 mm and 0.02°, drawn back to the middle: a mean framewise displacement of about 0.2 mm.
        motion.translation = motion.translation * 0.97 + random.normals() * 0.05
        motion.rotation = motion.rotation * 0.97 + random.normals() * 0.00035
        let map = (grid.affine.inverse ?? .identity) * (motion.affine.inverse ?? .identity)
        spline.sample(&values, at: points, map: map, kernels: kernels)
        var state = random.state
        for index in voxels.indices {
            // Four uniform numbers of 16 bits make a nearly normal one.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let bits = state ^ state >> 31
            let sum = Int(bits & 0xFFFF) + Int(bits >> 16 & 0xFFFF) + Int(bits >> 32 & 0xFFFF) + Int(bits >> 48)
            let noise = Float(sum - 131_070) * (11.7 / 37_837)
            voxels[index] = Int16(max(0, min(32_767, values[index] + noise)))
        }
        random.state = state
    }
}

/// A small generator of random numbers (Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// A number of mean 0 and variance 1.
    mutating func normal() -> Double {
        let radius = (-2 * log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &self))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
    }

    mutating func normals() -> SIMD3<Double> { [normal(), normal(), normal()] }
}
