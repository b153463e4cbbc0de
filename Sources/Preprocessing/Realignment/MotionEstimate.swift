/// What realignment found for one volume.
public struct MotionEstimate: Sendable, Equatable, Codable {
    /// Why a position is not trusted.
    public enum Verdict: String, Sendable, Codable {
        /// The steps became small and the images agree.
        case converged
        /// The steps did not become small.
        case didNotSettle
        /// The steps became small but the images do not agree.
        case lowCorrelation
        /// Too little of the reference lies inside the volume.
        case littleOverlap
    }

    /// The position of the head.
    public var motion: RigidMotion
    /// Whether it is to be trusted, and why not.
    public var verdict: Verdict
    /// The number of steps.
    public var iterations: Int
    /// The root mean square difference between the images after scaling, as a share of the reference's mean.
    public var residual: Double
    /// The correlation between the images where they overlap.
    public var correlation: Double
    /// The share of the reference's points that lie inside the volume.
    public var overlap: Double
    /// The volume's brightness relative to the reference.
    public var intensity: Double

    /// Whether the position is to be trusted.
    public var isConverged: Bool { verdict == .converged }
}
