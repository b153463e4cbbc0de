/// The estimated response to a stimulus at one readout.
public struct TrialRecord: LogRecord {
    /// The table that it belongs to.
    public static let table = "trial"

    /// The number of the row; nil until it is stored.
    public var id: Int64?
    /// The run's row.
    public var runID: Int64
    /// The trial's number in the run, from 0.
    public var trial: Int
    /// Which of the trial's readouts this is, from 0.
    public var readout: Int
    /// How long after the onset it was read out, in s.
    public var delay: Double
    /// Whether no later estimate of the trial follows.
    public var isFinal: Bool
    /// The number of the last volume that it rests on.
    public var lastVolume: Int
    /// Whether the pattern is of z-scores.
    public var isStandardized: Bool
    /// The number of trials that the z-scores rest on, besides those of earlier runs.
    public var standardizedBy: Int
    /// The number of repetitions that were averaged.
    public var repeats: Int
    /// Why the response is not to be trusted; empty if it is.
    public var doubts: [String]
    /// The mean of the pattern.
    public var mean: Double?
    /// The standard deviation of the pattern.
    public var deviation: Double?
    /// What the decoder takes, one number for each voxel of the region.
    @Packed public var pattern: [Float]
    /// The response in the units of the volumes; empty where it is the pattern.
    @Packed public var response: [Float]
    /// When it was published, in s since 1970.
    public var publishedAt: Double?
    /// How long each stage took, in ms.
    public var latencies: [String: Double]

    /// Describes a readout of a trial.
    public init(
        runID: Int64,
        trial: Int,
        readout: Int,
        delay: Double,
        isFinal: Bool,
        lastVolume: Int,
        isStandardized: Bool,
        standardizedBy: Int = 0,
        repeats: Int = 1,
        doubts: [String] = [],
        pattern: [Float],
        response: [Float] = []
    ) {
        (self.runID, self.trial, self.readout, self.delay) = (runID, trial, readout, delay)
        (self.isFinal, self.lastVolume, self.isStandardized) = (isFinal, lastVolume, isStandardized)
        (self.standardizedBy, self.repeats, self.doubts) = (standardizedBy, repeats, doubts)
        (_pattern, _response) = (Packed(wrappedValue: pattern), Packed(wrappedValue: response))
        latencies = [:]
        guard !pattern.isEmpty else { return }
        let mean = pattern.reduce(0) { $0 + Double($1) } / Double(pattern.count)
        let squares = pattern.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        self.mean = mean.isNaN ? nil : mean
        deviation = squares.isNaN ? nil : (squares / Double(pattern.count)).squareRoot()
    }
}
