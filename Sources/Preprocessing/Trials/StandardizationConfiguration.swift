/// How responses become z-scores.
public struct StandardizationConfiguration: Sendable, Equatable, Codable {
    /// The number of trials that the means of an earlier run count as.
    public var meanStrength = 10.0
    /// The number of trials that the variances of an earlier run count as.
    public var varianceStrength = 20.0
    /// Whether a trial's own response is part of the statistics that it is standardised by.
    public var includesCurrent = false

    /// An earlier run counts as ten trials for the means and as twenty for the variances.
    public init() {}

    func check() throws(PreprocessingError) {
        guard meanStrength >= 0, varianceStrength >= 0, meanStrength.isFinite, varianceStrength.isFinite else {
            throw PreprocessingError(
                .configuration,
                "standardization",
                "strengths are \(meanStrength) and \(varianceStrength); choose 0 or more"
            )
        }
    }
}
