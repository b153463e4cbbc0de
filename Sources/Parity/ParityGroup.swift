/// Checks that belong together because they need the same files.
public protocol ParityGroup: Sendable {
    /// The files that the group needs, relative to the folder.
    ///
    /// The group is skipped where they are absent and the manifest does not promise them.
    static var files: [String] { get }

    /// Makes the group.
    init()

    /// Compares everything that the files hold.
    ///
    /// An error fails the group as a whole; `ParityChecks.attempt` confines it to a part.
    func checks(in folder: FixtureFolder) throws -> [ParityCheck]
}

/// All groups, in the order of the report.
public enum ParityGroups {
    /// A new group is added here.
    public static let all: [any ParityGroup.Type] = [
        HCPParity.self, GODParity.self, BOLD5000Parity.self, TransformParity.self, ImagePreprocessingParity.self,
        MetricParity.self,
        FMRIAutoencoderParity.self, ContrastParity.self, PretrainingStepParity.self, FMRIEncoderParity.self,
        CrossModalParity.self, CrossModalGradientParity.self, VisionWeightsParity.self, VisionClassifierParity.self,
        UNetParity.self, AutoencoderParity.self, ScheduleParity.self, LabelToImageParity.self, SamplingParity.self,
        DiffusionTuningParity.self,
    ]
}
