/// How the head moved since the reference (topic `motion`), for each volume.
public struct MotionBody: MessageBody, Equatable {
    /// The topic.
    public static let topics: Set<Topic> = [.motion]

    /// The volume.
    public var index: Int
    /// Along x, y and z in mm, RAS+.
    public var translation: [Double]
    /// About x, y and z in rad.
    public var rotation: [Double]
    /// The motion since the volume before in mm, after Power and others (2012).
    public var framewiseDisplacement: Double
    /// Whether the estimate is trusted, and if not, why.
    public var verdict: String
    /// The correlation with the reference after realignment, from -1 to 1.
    public var correlation: Double
    /// Iterations of the registration.
    public var iterations: Int

    /// Describes a motion.
    public init(
        index: Int,
        translation: [Double],
        rotation: [Double],
        framewiseDisplacement: Double,
        verdict: String,
        correlation: Double,
        iterations: Int
    ) {
        self.index = index
        self.translation = translation
        self.rotation = rotation
        self.framewiseDisplacement = framewiseDisplacement
        self.verdict = verdict
        self.correlation = correlation
        self.iterations = iterations
    }

    /// Throws if a field is out of its range, or there is a payload.
    public func check(payload: [[UInt8]], _ limits: MessageLimits) throws(WireError) {
        try Check.index(index, "index", limits)
        guard translation.count == 3, rotation.count == 3 else {
            throw WireError(.malformed, "motion", "does not have three translations and three rotations")
        }
        try Check.finite(translation + rotation + [framewiseDisplacement, correlation], "motion")
        try Check.text(verdict, "verdict", limits.nameLength)
        try Check.index(iterations, "iterations", limits)
        try Check.noPayload(payload)
    }
}

/// How good a volume is (topic `quality`), for each volume.
public struct QualityBody: MessageBody, Equatable {
    /// The topic.
    public static let topics: Set<Topic> = [.quality]

    /// The volume.
    public var index: Int
    /// The motion since the volume before, in mm.
    public var framewiseDisplacement: Double
    /// The root mean square change of intensity since the volume before, in % of the mean.
    public var dvars: Double?
    /// The median over voxels of mean ÷ standard deviation so far.
    public var temporalSignalToNoise: Double?
    /// Voxels with a spike.
    public var spikes: Int
    /// Voxels of the mask that lie outside the volume.
    public var voxelsOutside: Int
    /// Volumes missing just before it.
    public var missingBefore: Int
    /// Whether the volume counts in estimates.
    public var isUsable: Bool
    /// What is remarkable about it.
    public var flags: [String]
    /// How long each stage took, in ms.
    public var latencies: [String: Double]

    /// Describes a volume's quality.
    public init(
        index: Int,
        framewiseDisplacement: Double,
        dvars: Double? = nil,
        temporalSignalToNoise: Double? = nil,
        spikes: Int = 0,
        voxelsOutside: Int = 0,
        missingBefore: Int = 0,
        isUsable: Bool = true,
        flags: [String] = [],
        latencies: [String: Double] = [:]
    ) {
        self.index = index
        self.framewiseDisplacement = framewiseDisplacement
        self.dvars = dvars
        self.temporalSignalToNoise = temporalSignalToNoise
        self.spikes = spikes
        self.voxelsOutside = voxelsOutside
        self.missingBefore = missingBefore
        self.isUsable = isUsable
        self.flags = flags
        self.latencies = latencies
    }

    /// Throws if a field is out of its range, or there is a payload.
    public func check(payload: [[UInt8]], _ limits: MessageLimits) throws(WireError) {
        try Check.index(index, "index", limits)
        try Check.finite(framewiseDisplacement, "framewiseDisplacement")
        try Check.finite(dvars, "dvars")
        try Check.finite(temporalSignalToNoise, "temporalSignalToNoise")
        try Check.texts(flags, "flags", limits)
        try Check.latencies(latencies, limits)
        try Check.noPayload(payload)
    }
}
