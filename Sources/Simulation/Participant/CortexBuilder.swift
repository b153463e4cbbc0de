import Foundation
import Settings
import Tensors

/// Lays out the sites of a participant's visual cortex.
struct CortexBuilder {
    private let settings: CortexSettings
    private let energy: ContrastEnergy
    private var random: RandomNumbers

    init(settings: CortexSettings, participant: UInt64, energy: ContrastEnergy) {
        self.settings = settings
        self.energy = energy
        random = RandomNumbers(seed: participant, purpose: "cortex")
    }

    /// The back end of the areas, and their length towards the front, in mm.
    private static let (back, length) = (-78.0, 44.0)
    /// The lower end, and the height, in mm.
    private static let (bottom, height) = (-18.0, 36.0)
    /// The cortical magnification: eccentricity is `scale · (exp(distance / constant) − 1)`, here 8° after 44 mm.
    private static let (scale, constant) = (0.75, 17.9)

    /// All sites, each with the haemodynamic response whose peak is nearest to the time that is drawn for it.
    mutating func sites(peaks: [Double]) -> [CorticalSite] {
        let spacing = settings.siteSpacing
        var sites: [CorticalSite] = []
        for hemisphere in [-1.0, 1.0] {
            for area in VisualArea.allCases {
                let (centre, width) = area.strip
                let counts = [Self.length, Self.height, width].map { max(1, Int(($0 / spacing).rounded())) }
                for along in 0..<counts[0] {
                    for up in 0..<counts[1] {
                        for across in 0..<counts[2] {
                            let part = [
                                jittered(along, of: counts[0]), jittered(up, of: counts[1]),
                                jittered(across, of: counts[2]),
                            ]
                            let position = SIMD3<Double>(
                                hemisphere * (centre + (part[2] - 0.5) * width),
                                Self.back + part[0] * Self.length,
                                Self.bottom + part[1] * Self.height
                            )
                            sites.append(
                                CorticalSite(
                                    area: area,
                                    position: Self.inBrain(position),
                                    receptiveField: area == .higher
                                        ? nil : field(area, hemisphere, along: part[0], up: part[1]),
                                    response: response(peaks)
                                )
                            )
                        }
                    }
                }
            }
        }
        return sites
    }

    /// A place near the middle of a part of the way from 0 to 1.
    private mutating func jittered(_ index: Int, of count: Int) -> Double {
        let shift = 0.3 * (Double(random.uniform()) - 0.5)
        return (Double(index) + 0.5 + shift) / Double(count)
    }

    private mutating func field(
        _ area: VisualArea,
        _ hemisphere: Double,
        along: Double,
        up: Double
    ) -> ReceptiveField {
        let eccentricity = Self.scale * (exp(along * Self.length / Self.constant) - 1)
        // From the upper vertical meridian at the bottom to the lower one at the top.
        let angle = (0.5 - up) * .pi
        let size = area.receptiveFieldSize
        let scatter = random.normalPair()
        let deviation = size.intercept + size.slope * eccentricity
        let centre = SIMD2<Double>(-hemisphere * eccentricity * cos(angle), eccentricity * sin(angle))
        return ReceptiveField(
            centre: centre + 0.3 * deviation * SIMD2<Double>(Double(scatter.0), Double(scatter.1)),
            deviation: deviation,
            weights: weights(eccentricity)
        )
    }

    /// Fine structure is preferred near the centre of gaze, coarse further out; orientations differ at random.
    private mutating func weights(_ eccentricity: Double) -> [Double] {
        let preferred = 1.6 / (1 + 0.25 * eccentricity)
        let contrastShare = max(0, 1 - settings.surfaceShare - settings.luminanceShare)
        var weights: [Double] = []
        for channel in energy.channels {
            let octaves = log2(channel.frequency / preferred)
            let orientation = 1 + settings.orientationSelectivity * Double(random.normalPair().0)
            weights.append(contrastShare * exp(-octaves * octaves / 2) * max(0, orientation))
        }
        return weights + [
            settings.surfaceShare * ContrastEnergy.surfaceScale,
            settings.luminanceShare * ContrastEnergy.luminanceScale,
        ]
    }

    private mutating func response(_ peaks: [Double]) -> Int {
        let time = settings.peakTime + settings.peakTimeDeviation * Double(random.normalPair().0)
        return peaks.indices.min { abs(peaks[$0] - time) < abs(peaks[$1] - time) } ?? 0
    }

    /// Moves a position towards the middle until it is in the brain.
    private static func inBrain(_ position: SIMD3<Double>) -> SIMD3<Double> {
        var position = position
        while !HeadAnatomy.isBrain(position) { position *= 0.98 }
        return position
    }
}
