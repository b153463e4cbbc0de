import Neuroimaging

/// The estimated response to one stimulus: what is decoded.
public struct TrialPattern: Sendable, Equatable {
    /// The trial's number in the run, from 0; of a sliding window, the volume's number.
    public let trial: Int
    /// The stimulus; nil for a sliding window.
    public let event: StimulusEvent?
    /// How long after the onset it was read out, in s.
    public let delay: Double
    /// Whether no later estimate of this trial follows.
    public let isFinal: Bool
    /// The number of the last volume that it rests on.
    public let lastVolume: Int
    /// The response of each voxel, in the units of the volumes.
    public let response: [Float]
    /// The standard error of each voxel's response; nil where the method has none.
    public let standardError: [Float]?
    /// The response as z-scores; nil if that is off or nothing is known of the voxels yet.
    public let standardized: [Float]?
    /// The number of trials whose responses the z-scores rest on, besides those of earlier runs.
    public let standardizedBy: Int
    /// The number of repetitions that were averaged.
    public let repeats: Int
    /// Why the response is not to be trusted; empty if it is.
    public let doubts: [String]

    /// Describes an estimate.
    public init(
        trial: Int,
        event: StimulusEvent?,
        delay: Double,
        isFinal: Bool,
        lastVolume: Int,
        response: [Float],
        standardError: [Float]?,
        standardized: [Float]?,
        standardizedBy: Int,
        repeats: Int,
        doubts: [String]
    ) {
        (self.trial, self.event, self.delay, self.isFinal) = (trial, event, delay, isFinal)
        (self.lastVolume, self.response, self.standardError) = (lastVolume, response, standardError)
        (self.standardized, self.standardizedBy) = (standardized, standardizedBy)
        (self.repeats, self.doubts) = (repeats, doubts)
    }

    /// Whether the response is to be trusted.
    public var isReliable: Bool { doubts.isEmpty }

    /// What the decoder takes: the z-scores, where there are any.
    public var pattern: [Float] { standardized ?? response }
}
