import Foundation

/// How the volumes of a run become patterns: everything that the live daemon and the trainer must do alike.
public struct ProcessingConfiguration: Sendable, Equatable, Codable {
    /// The time from volume to volume, in s.
    public var repetitionTime: Double
    /// The number of volumes that the run is planned to have; the drift regressors depend on it.
    public var plannedVolumes: Int
    /// How the head's position is estimated; nil if volumes are taken as they come.
    public var realignment: RealignmentConfiguration? = RealignmentConfiguration()
    /// The full width at half maximum of a Gaussian that the patterns are smoothed with, in mm; 0 for none.
    public var smoothing = 0.0
    /// How single spikes are repaired; nil if they are left.
    public var spikes: SpikeRepair.Configuration?
    /// What is regressed out: by default drift and six motion parameters, taken to be small until volumes show more.
    public var confounds = ConfoundConfiguration(motion: .six, shrinkage: 10)
    /// The weight of a volume in regressions relative to the next one; 1 weighs all alike.
    public var forgetting = 1.0
    /// The correlation of the noise of neighbouring volumes that regressions assume.
    public var autoregression = 0.0
    /// When a volume or a trial is not trusted.
    public var quality = QualityThresholds()
    /// How the response to a stimulus is estimated.
    public var trials = TrialConfiguration()

    /// The usual processing of a run of known length.
    public init(repetitionTime: Double, plannedVolumes: Int) {
        self.repetitionTime = repetitionTime
        self.plannedVolumes = plannedVolumes
    }

    /// Throws if a setting is out of range.
    func check() throws(PreprocessingError) {
        guard repetitionTime > 0, repetitionTime < 1000 else {
            throw PreprocessingError(
                .configuration,
                "repetitionTime",
                "is \(repetitionTime) s; it must lie between 0 and 1000 s"
            )
        }
        guard (2...1_000_000).contains(plannedVolumes) else {
            throw PreprocessingError(
                .configuration,
                "plannedVolumes",
                "is \(plannedVolumes); a run has 2 to 1,000,000 volumes"
            )
        }
        guard (0...40).contains(smoothing) else {
            throw PreprocessingError(.configuration, "smoothing", "is \(smoothing) mm; it must lie between 0 and 40")
        }
        try realignment?.check()
        try spikes?.check()
        try trials.check()
    }
}
