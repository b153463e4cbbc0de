/// A place of the visual cortex that answers to images.
public struct CorticalSite: Sendable {
    /// The region.
    public var area: VisualArea
    /// Where it is, in mm from the middle of the brain in RAS+.
    public var position: SIMD3<Double>
    /// What part of the visual field it sees; nil in higher regions, which see all of it.
    public var receptiveField: ReceptiveField?
    /// The haemodynamic response, as a place in the participant's library.
    public var response: Int
}

/// The part of the visual field that a site sees, and what it prefers there.
public struct ReceptiveField: Sendable {
    /// The centre in degrees from fixation: to the right, and up.
    public var centre: SIMD2<Double>
    /// The standard deviation in degrees.
    public var deviation: Double
    /// The weight of each channel of ``ContrastEnergy``.
    public var weights: [Double]
}
