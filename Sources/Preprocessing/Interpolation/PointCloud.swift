import Neuroimaging

/// Points in space, in mm.
public struct PointCloud: Sendable, Equatable {
    /// All x, then all y, then all z.
    public let coordinates: [Float]
    /// The number of points.
    public let count: Int

    /// Makes a cloud of points.
    public init(_ points: [SIMD3<Double>]) {
        count = points.count
        coordinates = (0..<3).flatMap { axis in points.map { Float($0[axis]) } }
    }
}

extension Affine {
    /// The first three rows in single precision.
    var floats: [Float] { numbers.map { Float($0) } }
}
