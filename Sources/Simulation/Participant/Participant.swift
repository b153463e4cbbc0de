import Foundation
import Neuroimaging
import Settings
import Tensors

/// A synthetic person: a head, and a visual cortex whose sites answer to images in known ways.
///
/// Everything follows from the settings' seed, so the same person can come again for another visit. The cortex is
/// schematic: areas are strips side by side at the back of the head, eccentricity runs to the front, polar angle from
/// bottom (upper visual field) to top, and each hemisphere sees the other half of the field.
public struct Participant: Sendable {
    /// The sites of the visual cortex.
    public let sites: [CorticalSite]
    /// The haemodynamic responses that sites have, by the time of their peak.
    public let responses: [HemodynamicResponse]
    /// When each of them peaks, in s.
    public let responsePeaks: [Double]
    let anatomy: HeadAnatomy
    let tuning: FeatureTuning
    let energy: ContrastEnergy
    /// What the drive of each site is divided by: its mean over natural images.
    private let typicalDrive: [Double]
    private let settings: CortexSettings

    /// Makes the person that the settings' seed stands for.
    /// - Throws: `NeuroimagingError` or ``SimulationError`` where the haemodynamic settings cannot be.
    public init(_ settings: SimulationSettings) throws {
        self.settings = settings.cortex
        anatomy = HeadAnatomy(participant: settings.participant)
        let energy = ContrastEnergy(visualAngle: settings.stimuli.visualAngle)
        self.energy = energy
        let library = try HemodynamicLibrary(settings.cortex)
        (responses, responsePeaks) = (library.responses, library.peaks)
        var builder = CortexBuilder(settings: settings.cortex, participant: settings.participant, energy: energy)
        let sites = builder.sites(peaks: library.peaks)
        self.sites = sites
        let higher = sites.count { $0.area == .higher }
        // Natural images have spectra that fall with frequency; what sites do with them sets the scale.
        let typical = NaturalTexture.images(count: 16).map { energy.maps(of: $0) }
        tuning = FeatureTuning(sites: higher, settings: settings.cortex, seed: settings.participant, typical: typical)
        var sums = [Double](repeating: 0, count: sites.count)
        for maps in typical {
            for (site, value) in Self.retinotopicDrive(maps, sites).enumerated() { sums[site] += value }
        }
        typicalDrive = sums.map { max(1e-9, $0 / Double(typical.count)) }
    }

    /// The drive of every site by an image: 1 for a typical natural one.
    /// - Parameters:
    ///   - image: What is shown.
    ///   - category: What it is a picture of.
    public func drive(_ image: GreyImage, category: String?) -> [Double] {
        let maps = energy.maps(of: image)
        var drive = zip(Self.retinotopicDrive(maps, sites), typicalDrive).map { $0 / $1 }
        var higher = tuning.drive(maps, category: category).makeIterator()
        for index in sites.indices where sites[index].area == .higher { drive[index] = higher.next() ?? 0 }
        return drive
    }

    /// What receptive fields see, compressed; 0 in higher regions.
    private static func retinotopicDrive(_ maps: EnergyMaps, _ sites: [CorticalSite]) -> [Double] {
        sites.map { site in
            guard let field = site.receptiveField else { return 0 }
            let pooled = maps.pooled(field.centre, field.deviation)
            let sum = zip(pooled, field.weights).reduce(0) { $0 + $1.0 * $1.1 }
            return pow(max(0, sum), site.area.compression)
        }
    }
}
