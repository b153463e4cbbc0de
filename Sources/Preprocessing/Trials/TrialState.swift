import Neuroimaging

/// What is known of a trial so far.
struct TrialState: Sendable, Codable {
    let event: StimulusEvent
    /// Whether the event was announced after volumes that already responded to it.
    let isLate: Bool
    /// The trial's column in the regression, once it has begun.
    var column: Int?
    /// The estimate that is due next.
    var readout = 0
    /// Whether the last estimate was made.
    var isFinished = false
    /// The volumes since the onset, those that never came included.
    private(set) var volumes = 0
    /// Of these, the ones that were not used.
    private(set) var unused = 0
    /// How many volumes had each flag.
    private(set) var flags: [String: Int] = [:]

    init(event: StimulusEvent, isLate: Bool) {
        self.event = event
        self.isLate = isLate
    }

    /// Counts a volume and those missing before it.
    mutating func count(_ quality: VolumeQuality) {
        volumes += 1 + quality.missingBefore
        unused += quality.missingBefore + (quality.isUsable ? 0 : 1)
        for flag in quality.flags where flag != .missingBefore { flags[flag.rawValue, default: 0] += 1 }
        if quality.missingBefore > 0 { flags["missing", default: 0] += quality.missingBefore }
    }

    /// Why the response is not to be trusted.
    func doubts(_ thresholds: QualityThresholds, degreesOfFreedom: Double?) -> [String] {
        var doubts: [String] = []
        if isLate { doubts.append("announced after its onset") }
        if Double(unused) > thresholds.trialShare * Double(volumes) {
            let causes = flags.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            doubts.append("\(unused) of \(volumes) volumes not used: " + causes.joined(separator: ", "))
        }
        if flags[VolumeQuality.Flag.sessionNotAligned.rawValue] != nil { doubts.append("session not aligned") }
        if let degreesOfFreedom, degreesOfFreedom < 3 {
            doubts.append("\(Int(degreesOfFreedom)) degrees of freedom")
        }
        return doubts
    }
}
