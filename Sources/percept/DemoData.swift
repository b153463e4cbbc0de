import Decoder
import Foundation
import Images
import Settings
import Simulation

/// What a demo is made of: a folder with a decoder bundle, images and the settings of a simulated participant.
struct DemoData: Sendable {
    /// The decoder bundle.
    let bundle: URL
    /// What the bundle says of itself.
    let manifest: BundleManifest
    /// Who is simulated, and how.
    let settings: SimulationSettings
    /// What is shown.
    let shown: [SimulatedRoom.Shown]

    /// Reads a folder.
    ///
    /// - Parameters:
    ///   - folder: `NAME.percept`, `stimuli/` and `simulation.yaml`.
    ///   - trials: How many of the images are shown, taken evenly; nil for all.
    init(_ folder: URL, trials: Int?) throws {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        } catch {
            throw CommandFailure(.noInput, "\(folder.path): cannot be read; give the folder of a demo with --data")
        }
        let bundles = names.filter { $0.hasSuffix(".percept") }
        guard let name = bundles.first, bundles.count == 1 else {
            throw CommandFailure(
                .noInput,
                "\(folder.path): holds \(bundles.count) decoder bundles (NAME.percept), and a demo needs one"
            )
        }
        bundle = folder.appendingPathComponent(name)
        manifest = try DecoderBundle(opening: bundle).manifest
        settings = try SimulationSettings(contentsOf: folder.appendingPathComponent("simulation.yaml").path)
        let set = try DatasetArgument.images("folder:\(folder.appendingPathComponent("stimuli").path)")
        let (all, count) = (set.images.count, trials ?? set.images.count)
        guard count <= all else {
            throw CommandFailure(.usage, "\(folder.path): has \(all) images, too few for \(count) trials")
        }
        shown = SimulatedRoom.stimuli(set, (0..<count).map { $0 * all / count })
    }

    /// The images by their names in events.
    var pictures: [String: Image8] {
        Dictionary(shown.map { ($0.stimulus.name, $0.picture) }, uniquingKeysWith: { first, _ in first })
    }

    /// The participant in the scanner, of a visit; making one takes a moment.
    func run(visit: Int) throws -> SimulatedRun {
        try SimulatedRun(settings, stimuli: shown.map(\.stimulus), visit: visit)
    }
}
