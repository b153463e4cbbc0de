/// What a simulated scanner measures besides the responses.
///
/// The first three describe all noise together, drift and spikes aside; what its parts have to be like follows from them.
public struct NoiseSettings: Sendable, Equatable {
    /// The mean of a voxel of the brain divided by the standard deviation of its noise.
    public var temporalSignalToNoise = 80.0
    /// The correlation of a voxel's noise from volume to volume.
    public var autocorrelation = 0.25
    /// The smoothness of the noise, in mm (FWHM).
    public var smoothness = 3.7
    /// The share of the noise's variance that is thermal: white in space and time.
    public var thermalShare = 0.25
    /// The share of the noise's variance that is breathing and heartbeat, half each.
    public var physiologyShare = 0.1
    /// Breaths a second.
    public var respirationRate = 0.25
    /// Heartbeats a second.
    public var heartRate = 1.1
    /// The standard deviation of the drift, in percent of the mean.
    public var drift = 0.5
    /// The period of the drift, in s; a linear trend comes to it.
    public var driftPeriod = 240.0
    /// The probability that a volume has a slice with a spike.
    public var spikeRate = 0.01
    /// The size of a spike, in percent of the mean.
    public var spikeSize = 20.0
    /// A run of another participant whose residuals take the place of all of this but spikes, as a NIfTI file.
    public var residuals: String?

    /// The defaults.
    public init() {}

    static var fields: [SettingsField<Self>] {
        [
            .value("temporalSignalToNoise", \.temporalSignalToNoise, .number(1...1_000_000)),
            .value("autocorrelation", \.autocorrelation, .number(-0.5...0.95)),
            .value("smoothness", \.smoothness, .number(0...30)),
            .value("thermalShare", \.thermalShare, .number(0...1)),
            .value("physiologyShare", \.physiologyShare, .number(0...0.9)),
            .value("respirationRate", \.respirationRate, .number(0.05...1)),
            .value("heartRate", \.heartRate, .number(0.5...4)),
            .value("drift", \.drift, .number(0...20)),
            .value("driftPeriod", \.driftPeriod, .number(60...100_000)),
            .value("spikeRate", \.spikeRate, .number(0...1)),
            .value("spikeSize", \.spikeSize, .number(0...1000)),
            .optional("residuals", \.residuals, .path),
        ]
    }
}
