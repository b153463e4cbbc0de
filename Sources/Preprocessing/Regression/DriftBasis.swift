import Foundation

/// Which slow changes of the signal count as drift.
public enum DriftModel: Sendable, Equatable, Codable {
    /// A constant alone.
    case constant
    /// Legendre polynomials up to an order of at most 20, as AFNI's 3dDeconvolve; order 0 is the constant.
    case polynomial(order: Int)
    /// A constant and discrete cosines of periods above `cutoff` in s, as SPM and nilearn.
    case cosine(cutoff: Double)
}

/// The regressors of slow drift over a run of known length.
///
/// With N volumes, the polynomials are Pₖ(2n/(N − 1) − 1) and the cosines are √(2/N)·cos(π(2n + 1)k/2N) for k from 1 to
/// ⌊2·N·TR/cutoff⌋ (Ashburner et al., "SPM12 Manual"; nilearn's `make_first_level_design_matrix`). The length is
/// configured, not seen: a volume's row never depends on volumes to come.
public struct DriftBasis: Sendable, Equatable {
    /// Its functions.
    public let model: DriftModel
    /// The number N of volumes that the run is planned to have.
    public let volumes: Int
    /// The number of regressors, the constant included.
    public let count: Int

    /// Prepares a basis.
    /// - Parameters:
    ///   - model: its functions.
    ///   - volumes: the planned length of the run, 1 to 10⁶; plan long, since volumes beyond it are refused.
    ///   - repetitionTime: the time from volume to volume in s.
    public init(model: DriftModel, volumes: Int, repetitionTime: Double) throws(PreprocessingError) {
        guard (1...1_000_000).contains(volumes) else {
            throw PreprocessingError(.configuration, "volumes of the run", "is \(volumes); choose 1 to 1000000")
        }
        guard repetitionTime > 0, repetitionTime < 1000 else {
            throw PreprocessingError(
                .configuration,
                "repetition time",
                "is \(repetitionTime) s; choose above 0 and below 1000"
            )
        }
        self.model = model
        self.volumes = volumes
        switch model {
        case .constant: count = 1
        case .polynomial(let order):
            guard (0...20).contains(order), order < volumes else {
                throw PreprocessingError(
                    .configuration,
                    "order of the drift",
                    "is \(order); choose 0 to 20 and less than the \(volumes) volumes"
                )
            }
            count = order + 1
        case .cosine(let cutoff):
            guard cutoff > 0, cutoff.isFinite else {
                throw PreprocessingError(.configuration, "cutoff of the drift", "is \(cutoff) s; choose above 0")
            }
            let functions = (2 * Double(volumes) * repetitionTime / cutoff).rounded(.down)
            guard functions < Double(min(volumes, 1000)) else {
                throw PreprocessingError(
                    .configuration,
                    "cutoff of the drift",
                    "of \(cutoff) s needs \(functions) cosines for \(volumes) volumes; choose a longer one"
                )
            }
            count = Int(functions) + 1
        }
    }

    /// The names of the regressors: `constant`, then `drift1`, `drift2` and so on.
    public var names: [String] { ["constant"] + (1..<max(1, count)).map { "drift\($0)" } }

    /// The square of the largest value of each regressor; 0 for the constant.
    var squaredAmplitudes: [Double] {
        let amplitude = if case .cosine = model { 2 / Double(volumes) } else { 1.0 }
        return [0] + [Double](repeating: amplitude, count: count - 1)
    }

    /// The regressors of volume n, the first being 0; the constant 1 comes first.
    ///
    /// Volumes at and beyond the planned length are refused, except by a constant.
    public func row(volume: Int) throws(PreprocessingError) -> [Double] {
        guard volume >= 0, volume < volumes || model == .constant else {
            throw PreprocessingError(
                .input,
                "volume \(volume)",
                "lies outside the \(volumes) volumes that the drift was planned for; plan a longer run"
            )
        }
        var row = [Double](repeating: 1, count: count)
        switch model {
        case .constant: break
        case .polynomial:
            let x = volumes > 1 ? 2 * Double(volume) / Double(volumes - 1) - 1 : 0
            if count > 1 { row[1] = x }
            // Bonnet's recursion.
            for k in 1..<max(1, count - 1) {
                row[k + 1] = (Double(2 * k + 1) * x * row[k] - Double(k) * row[k - 1]) / Double(k + 1)
            }
        case .cosine:
            let scale = (2 / Double(volumes)).squareRoot()
            let phase = Double.pi * Double(2 * volume + 1) / Double(2 * volumes)
            for k in 1..<max(1, count) { row[k] = scale * cos(phase * Double(k)) }
        }
        return row
    }
}
