/// How good one volume is.
public struct VolumeQuality: Sendable, Equatable, Codable {
    /// Something that is wrong with a volume.
    public enum Flag: String, Sendable, Codable, CaseIterable {
        /// Realignment did not converge.
        case notAligned
        /// The run's first volume could not be aligned to the model's reference.
        case sessionNotAligned
        /// Framewise displacement above its threshold.
        case motion
        /// DVARS above its threshold.
        case intensityChange
        /// More voxels were repaired than the threshold allows.
        case spikes
        /// Volumes before this one never came.
        case missingBefore
        /// The same volume came again.
        case repeated
        /// Voxels of the region lie outside the volume.
        case outsideVolume
        /// Voxels were not finite numbers.
        case notFinite
        /// The run is longer than planned, so drift is no longer removed.
        case beyondPlannedRun
    }

    /// How far the head moved since the volume before, in mm (Power et al., NeuroImage 59, 2012; 50 mm radius).
    public var framewiseDisplacement = 0.0
    /// The root mean square change of the aligned head since the volume before, in percent of its median; nil for the
    /// first.
    public var dvars: Double?
    /// The mean temporal signal-to-noise ratio of the region so far; nil before the second volume.
    public var temporalSignalToNoise: Double?
    /// The number of voxels of the region that were repaired.
    public var spikes = 0
    /// The number of voxels of the region that lie outside the volume.
    public var voxelsOutside = 0
    /// The number of voxels of the volume that were not finite.
    public var notFinite = 0
    /// The number of volumes that never came before this one.
    public var missingBefore = 0
    /// What is wrong.
    public var flags: Set<Flag> = []

    /// Nothing is wrong.
    public init() {}

    /// Whether the volume takes part in regressions and statistics.
    public var isUsable: Bool {
        flags.isDisjoint(with: [.notAligned, .repeated, .motion, .intensityChange, .spikes, .notFinite])
    }
}

/// When a volume, and a trial, is no longer trusted.
public struct QualityThresholds: Sendable, Equatable, Codable {
    /// The largest framewise displacement in mm.
    public var framewiseDisplacement = 0.5
    /// The largest DVARS in percent.
    public var dvars = 5.0
    /// The largest share of the region's voxels that are repaired in one volume.
    public var spikeShare = 0.05
    /// The largest share of the region's voxels that lie outside the volume.
    public var outsideShare = 0.05
    /// The largest share of the volumes of a trial's response that are flagged or missing.
    public var trialShare = 0.25

    /// The thresholds that the literature uses most.
    public init() {}
}
