import Neuroimaging

/// How the response to a stimulus is estimated.
public struct TrialConfiguration: Sendable, Equatable, Codable {
    /// How volumes become the response to a trial.
    public enum Method: Sendable, Equatable, Codable {
        /// No trials.
        case none
        /// The mean over the stimulus' duration, shifted by the haemodynamic delay in s, as for the data of Horikawa and
        /// Kamitani (2017). Stimuli of unknown duration last `duration` s.
        case windowMean(delay: Double, duration: Double)
        /// Least squares separate, read out at each of the delays in s after the onset.
        case leastSquaresSeparate(response: ResponseShape, delays: [Double])
        /// The mean of the last volumes, at every volume: continuous decoding.
        case slidingWindow(volumes: Int)
    }

    /// The haemodynamic response that least squares assume.
    public enum ResponseShape: Sendable, Equatable, Codable {
        /// Glover's double gamma.
        case glover
        /// SPM's double gamma.
        case spm
        /// Samples from the onset on, `interval` s apart.
        case measured(samples: [Double], interval: Double)

        func response() throws(PreprocessingError) -> HemodynamicResponse {
            switch self {
            case .glover: return .glover
            case .spm: return .spm
            case .measured(let samples, let interval):
                do {
                    return try HemodynamicResponse(samples: samples, interval: interval)
                } catch {
                    throw PreprocessingError(.configuration, "trials.response", error.detail)
                }
            }
        }
    }

    /// How volumes become the response to a trial.
    public var method = Method.leastSquaresSeparate(response: .glover, delays: [5, 7, 10])
    /// Whether responses to the same stimulus file are averaged over its repetitions so far.
    public var averagesRepeats = false
    /// How responses are standardised; nil if they are not.
    public var standardization: StandardizationConfiguration? = StandardizationConfiguration()

    /// Least squares separate with Glover's response, standardised.
    public init() {}

    func check() throws(PreprocessingError) {
        switch method {
        case .none: break
        case .windowMean(let delay, let duration):
            guard (0...60).contains(delay), duration > 0, duration <= 600 else {
                throw PreprocessingError(
                    .configuration,
                    "trials",
                    "the delay must lie between 0 and 60 s, the duration between 0 and 600 s"
                )
            }
        case .leastSquaresSeparate(_, let delays):
            guard !delays.isEmpty, delays.allSatisfy({ (0...120).contains($0) }),
                zip(delays, delays.dropFirst()).allSatisfy({ $0 < $1 })
            else {
                throw PreprocessingError(
                    .configuration,
                    "trials.delays",
                    "are \(delays); give rising times between 0 and 120 s"
                )
            }
        case .slidingWindow(let volumes):
            guard (1...1000).contains(volumes) else {
                throw PreprocessingError(.configuration, "trials.volumes", "is \(volumes); choose 1 to 1000")
            }
        }
        try standardization?.check()
    }
}
