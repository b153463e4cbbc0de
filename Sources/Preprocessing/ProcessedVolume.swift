/// What became of one volume.
public struct ProcessedVolume: Sendable {
    /// Its number in the run, from 0.
    public let number: Int
    /// When it was acquired, in s after the start of the run.
    public let time: Double
    /// Where the head was, relative to the run's first volume.
    public let motion: MotionEstimate
    /// How good it is.
    public let quality: VolumeQuality
    /// The region's values in model space, smoothed and repaired as configured.
    public let values: [Float]
    /// The values less what the confounds explain by the volumes so far.
    public let cleaned: [Float]
    /// The responses whose estimates became due.
    public let trials: [TrialPattern]
    /// How long each stage took.
    public let timings: StageTimings
}

/// How long the stages of processing a volume took.
public struct StageTimings: Sendable, Equatable {
    /// Conversion and the fit of the spline.
    public var interpolation = Duration.zero
    /// The estimate of the head's position.
    public var realignment = Duration.zero
    /// Reading the region's values, with their smoothing.
    public var sampling = Duration.zero
    /// Quality and repair.
    public var quality = Duration.zero
    /// The confound regression.
    public var regression = Duration.zero
    /// The estimation of responses.
    public var trials = Duration.zero

    /// All stages together.
    public var total: Duration { interpolation + realignment + sampling + quality + regression + trials }
}
