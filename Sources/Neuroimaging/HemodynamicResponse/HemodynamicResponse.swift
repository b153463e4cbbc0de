/// How blood oxygenation answers to a short stimulus.
///
/// It is a difference of two gamma densities, or samples of a measured response. `kernel` gives it on a fine grid; the
/// response to events is `regressor`, or `HemodynamicRegressor` where values are wanted as a run goes on.
public struct HemodynamicResponse: Sendable, Equatable {
    /// How large a response is.
    public enum Scale: Sendable, Equatable {
        /// The samples of the kernel add up to 1, so that a long stimulus reaches 1, as in nilearn.
        case unitSum
        /// The largest absolute sample of the kernel is 1.
        case unitPeak
        /// As it was given.
        case unchanged
    }

    /// What a response is made of.
    enum Shape: Sendable, Equatable {
        case gamma(DoubleGamma, DoubleGamma.Term)
        case samples([Double], interval: Double)
    }

    let shape: Shape
    /// How large it is; the derivatives of a double gamma follow from responses of unit sum, and are always as they are.
    public let scale: Scale

    /// The canonical response of SPM, with the parameters of nilearn.
    public static let spm = HemodynamicResponse(.spm)
    /// The response of Glover (1999), doi:10.1006/nimg.1998.0419, with the parameters of nilearn.
    public static let glover = HemodynamicResponse(.glover)

    /// A difference of two gamma densities, or its derivative by time or dispersion.
    ///
    /// A derivative is what a response changes by, per second, if it comes earlier, or if it gets narrower: differences
    /// over 0.1 s and 0.01, as SPM and nilearn define them. Nilearn makes regressors of derivatives orthogonal to those
    /// before them once a run is over; here they are left as they are.
    public init(_ gamma: DoubleGamma, _ term: DoubleGamma.Term = .response, scale: Scale = .unitSum) {
        shape = .gamma(gamma, term)
        self.scale = term == .response ? scale : .unchanged
    }

    /// A measured response.
    ///
    /// - Parameters:
    ///   - samples: its values from the onset of the stimulus on; between them it is linear, after them 0.
    ///   - interval: the time between samples in s.
    ///   - scale: how large it is to be.
    /// - Throws: `NeuroimagingError` unless there are at least two samples, all finite and not all 0.
    public init(samples: [Double], interval: Double, scale: Scale = .unitSum) throws(NeuroimagingError) {
        guard interval > 0, interval.isFinite else {
            throw NeuroimagingError(
                .malformed,
                "response",
                "its samples are \(interval) s apart; give a time above 0 s"
            )
        }
        guard samples.count > 1, samples.allSatisfy(\.isFinite), samples.contains(where: { $0 != 0 }) else {
            throw NeuroimagingError(
                .malformed,
                "response",
                "a measured response has two or more finite samples, not all of them 0"
            )
        }
        if scale == .unitSum {
            // A response that sums to about nothing cannot be scaled to a sum of 1.
            let sum = samples.reduce(0, +)
            let size = samples.reduce(0) { $0 + abs($1) }
            guard abs(sum) > 1e-6 * size else {
                throw NeuroimagingError(.malformed, "response", "its samples sum to 0; scale it by its peak instead")
            }
        }
        shape = .samples(samples, interval: interval)
        self.scale = scale
    }

    /// How long it lasts, in s.
    public var length: Double {
        switch shape {
        case .gamma(let gamma, _): gamma.length
        case .samples(let samples, let interval): Double(samples.count - 1) * interval
        }
    }

    /// The response on a grid of `oversampling` points per repetition time, from the onset of the stimulus on.
    ///
    /// - Throws: `NeuroimagingError` for a grid of more than ten million or less than two points.
    public func kernel(repetitionTime: Double, oversampling: Int = 50) throws(NeuroimagingError) -> [Double] {
        let step = repetitionTime / Double(max(oversampling, 1))
        guard step > 0, step.isFinite, oversampling > 0, (2...1e7).contains(length / step) else {
            throw NeuroimagingError(
                .inconsistent,
                "response",
                "\(length) s cannot be sampled \(oversampling) times per \(repetitionTime) s; change the oversampling"
            )
        }
        var kernel =
            switch shape {
            case .gamma(let gamma, let term): gamma.kernel(term, step: step)
            case .samples(let samples, let interval): Self.resample(samples, interval: interval, step: step)
            }
        switch scale {
        case .unitSum: Self.divide(&kernel, by: kernel.reduce(0, +))
        case .unitPeak: Self.divide(&kernel, by: kernel.map(abs).max() ?? 0)
        case .unchanged: break
        }
        return kernel
    }

    /// The response to events at the times of volumes.
    ///
    /// - Parameters:
    ///   - events: stimuli with their onsets on the same clock as `frameTimes`.
    ///   - frameTimes: when volumes were acquired, in s, rising; two or more.
    ///   - oversampling: the number of grid points per repetition time; onsets are rounded up to the grid.
    /// - Returns: one value per volume.
    /// - Throws: `NeuroimagingError` for times that do not rise.
    public func regressor(
        _ events: [StimulusEvent],
        frameTimes: [Double],
        oversampling: Int = 50
    ) throws(NeuroimagingError) -> [Double] {
        try HemodynamicRegressor(self, frameTimes: frameTimes, oversampling: oversampling).values(of: events)
    }

    private static func divide(_ kernel: inout [Double], by divisor: Double) {
        guard divisor != 0, divisor.isFinite else { return }
        for index in kernel.indices { kernel[index] /= divisor }
    }

    /// Samples at other times, linear between the given ones.
    private static func resample(_ samples: [Double], interval: Double, step: Double) -> [Double] {
        let last = samples.count - 1
        // The rounding of steps must not lose the last sample.
        return (0...Int(Double(last) * interval / step + 1e-9)).map { index in
            let position = Double(index) * step / interval
            let left = min(Int(position), last - 1)
            let part = min(position - Double(left), 1)
            return samples[left] * (1 - part) + samples[left + 1] * part
        }
    }
}

extension HemodynamicResponse {
    /// Measured responses of a table: one per column, one sample per row.
    ///
    /// - Parameters:
    ///   - table: numbers only; GLMsingle's library is such a table without a header.
    ///   - interval: the time between rows in s, 0.1 in GLMsingle's library.
    ///   - scale: how large responses are to be.
    /// - Throws: `NeuroimagingError` where a value is missing or not a number.
    public static func library(
        _ table: TabularFile,
        interval: Double,
        scale: Scale = .unitSum
    ) throws(NeuroimagingError) -> [HemodynamicResponse] {
        var responses: [HemodynamicResponse] = []
        for column in table.columns.indices {
            do {
                responses.append(
                    try HemodynamicResponse(samples: table.numbers(column), interval: interval, scale: scale)
                )
            } catch {
                guard error.subject == "response" else { throw error }
                let place = "column \(table.columns[column].shortened)"
                throw NeuroimagingError(
                    error.code,
                    table.name.isEmpty ? place : "\(table.name): \(place)",
                    error.detail
                )
            }
        }
        return responses
    }
}
