import Foundation
import Settings
import Tensors

/// What higher visual regions respond to: mixtures of features of the whole image, and its category.
///
/// The features are contrast and brightness in coarse parts of the field. They are mixed into components whose amplitude
/// falls with their rank as the singular values of published encoding weights do (BOLD5000, regions LOC, PPA, RSC and
/// OPA: as rank to the power of −0.35 to −0.5 over the first hundred).
struct FeatureTuning: Sendable {
    private static let components = 64
    private static let grid = 4

    private let seed: UInt64
    private let categoryShare: Double
    /// The mean and deviation of each feature over typical images.
    private let (means, deviations): ([Double], [Double])
    /// Features to components, each component a row of unit length.
    private let mixing: [[Double]]
    /// Components to sites.
    private let weights: [[Double]]

    init(sites: Int, settings: CortexSettings, seed: UInt64, typical: [EnergyMaps]) {
        self.seed = seed
        categoryShare = settings.categoryShare
        let features = typical.map(Self.features)
        let count = features.first?.count ?? 0
        let means = (0..<count).map { feature in
            features.reduce(0) { $0 + $1[feature] } / Double(max(1, features.count))
        }
        self.means = means
        deviations = (0..<count).map { feature in
            let squares = features.reduce(0) { $0 + pow($1[feature] - means[feature], 2) }
            return max(1e-6, (squares / Double(max(1, features.count))).squareRoot())
        }
        var random = RandomNumbers(seed: seed, purpose: "feature tuning")
        mixing = (0..<Self.components).map { _ in Self.unit((0..<count).map { _ in Double(random.normalPair().0) }) }
        let amplitudes = (1...Self.components).map { pow(Double($0), -settings.spectrumExponent) }
        let power = amplitudes.reduce(0) { $0 + $1 * $1 }.squareRoot()
        weights = (0..<sites).map { _ in amplitudes.map { $0 / power * Double(random.normalPair().0) } }
    }

    /// The drive of each site; about 1 on average, never below 0.
    func drive(_ maps: EnergyMaps, category: String?) -> [Double] {
        let features = zip(Self.features(maps), zip(means, deviations)).map { ($0 - $1.0) / $1.1 }
        let components = mixing.map { row in tanh(zip(row, features).reduce(0) { $0 + $1.0 * $1.1 }) }
        let preference = category.map(preferences) ?? [Double](repeating: 0, count: weights.count)
        let (a, b) = ((1 - categoryShare).squareRoot(), categoryShare.squareRoot())
        return zip(weights, preference).map { row, preference in
            max(0, 1 + 0.6 * (a * zip(row, components).reduce(0) { $0 + $1.0 * $1.1 } + b * preference))
        }
    }

    /// How much each site likes a category, whatever the image.
    private func preferences(_ category: String) -> [Double] {
        var random = RandomNumbers(seed: seed, purpose: "category \(category)")
        return weights.map { _ in Double(random.normalPair().0) }
    }

    /// The square root of the energy in each part of the field; luminance is none of it.
    private static func features(_ maps: EnergyMaps) -> [Double] {
        let field = Double(ContrastEnergy.size) / maps.pixelsPerDegree
        return (0..<grid * grid).flatMap { part in
            let x = (Double(part % grid) + 0.5) / Double(grid) - 0.5
            let y = 0.5 - (Double(part / grid) + 0.5) / Double(grid)
            return maps.pooled(0.8 * field * SIMD2<Double>(x, y), field / 12).dropLast().map { max(0, $0).squareRoot() }
        }
    }

    private static func unit(_ vector: [Double]) -> [Double] {
        let length = max(1e-12, vector.reduce(0) { $0 + $1 * $1 }.squareRoot())
        return vector.map { $0 / length }
    }
}
