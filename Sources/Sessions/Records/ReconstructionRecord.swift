import Foundation

/// An image that was decoded from a trial's pattern.
public struct ReconstructionRecord: LogRecord {
    /// The table that it belongs to.
    public static let table = "reconstruction"

    /// The number of the row; nil until it is stored.
    public var id: Int64?
    /// The run's row.
    public var runID: Int64
    /// The row of the readout that it was decoded from.
    public var trialID: Int64
    /// The trial's number in the run, from 0.
    public var trial: Int
    /// Which of the trial's images this is, from 0.
    public var sample: Int
    /// The image as PNG.
    public var png: Data
    /// The seed.
    @SignedBits public var seed: UInt64
    /// The sampler.
    public var sampler: String
    /// The number of steps that were done.
    public var steps: Int
    /// The number of steps that were planned.
    public var plannedSteps: Int
    /// Whether fewer steps were done than planned.
    public var isCutShort: Bool
    /// Whether it came after its deadline.
    public var isLate: Bool
    /// How old the pattern was when the image was done, in s.
    public var age: Double
    /// How well the trial's images agree; nil with one alone.
    public var agreement: Double?
    /// The SHA-256 that names the bundle's content.
    public var bundleHash: String
    /// The SHA-256 of the configuration.
    public var configurationHash: String
    /// How long each stage took, in ms.
    public var latencies: [String: Double]
    /// When it was published, in s since 1970.
    public var publishedAt: Double

    /// Describes an image.
    public init(
        runID: Int64,
        trialID: Int64,
        trial: Int,
        sample: Int = 0,
        png: Data,
        seed: UInt64,
        sampler: String,
        steps: Int,
        plannedSteps: Int,
        bundleHash: String,
        configurationHash: String,
        publishedAt: Double
    ) {
        (self.runID, self.trialID, self.trial, self.sample, self.png) = (runID, trialID, trial, sample, png)
        _seed = SignedBits(wrappedValue: seed)
        (self.sampler, self.steps, self.plannedSteps) = (sampler, steps, plannedSteps)
        isCutShort = steps < plannedSteps
        (isLate, age, latencies) = (false, 0, [:])
        (self.bundleHash, self.configurationHash) = (bundleHash, configurationHash)
        self.publishedAt = publishedAt
    }
}
