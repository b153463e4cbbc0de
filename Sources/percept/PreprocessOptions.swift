import ArgumentParser
import Foundation
import Preprocessing

/// The settings of preprocessing on the command line; each replaces that of a bundle or a settings file.
struct PreprocessOptions: ParsableArguments {
    @Option(help: "A file of settings as JSON, such as the preprocessing.json of an earlier output.")
    var settings: String?

    @Option(help: "Seconds from volume to volume; by default what the run says.")
    var tr: Double?

    @Option(help: "Volumes that the run is planned to have; by default as DICOM files say, or as many as are there.")
    var planned: Int?

    @Option(help: "Smooth the patterns with a Gaussian of so many mm.")
    var smoothing: Double?

    @Option(help: "Drift to remove: constant, poly:ORDER or cosine:SECONDS.")
    var drift: String?

    @Option(help: "Motion regressors: none, 6 or 24.")
    var motion: String?

    @Option(help: "How strongly drift and motion are taken to be small; 0 for ordinary least squares.")
    var shrinkage: Double?

    @Option(help: "Columns of further regressors: a TSV file with one row for each volume.")
    var regressors: String?

    @Option(help: "How trials are estimated: lss:DELAY,DELAY…, mean:DELAY or window:VOLUMES.")
    var trials: String?

    @Option(help: "The haemodynamic response of lss: glover or spm.")
    var response: String?

    @Option(help: "The weight of a volume in regressions relative to the next one.")
    var forgetting: Double?

    @Option(help: "The correlation of the noise of neighbouring volumes.")
    var autoregression: Double?

    @Flag(inversion: .prefixedNo, help: "Repair single spikes.")
    var spikes: Bool?

    @Flag(inversion: .prefixedNo, help: "Align every volume to the first.")
    var realign: Bool?

    @Flag(help: "Average the responses to repetitions of one stimulus.")
    var averageRepeats = false

    /// Puts the options in place of settings.
    func apply(to configuration: inout ProcessingConfiguration) throws {
        if let tr { configuration.repetitionTime = tr }
        if let planned { configuration.plannedVolumes = planned }
        if let smoothing { configuration.smoothing = smoothing }
        if let drift { configuration.confounds.drift = try Self.drift(drift) }
        if let shrinkage { configuration.confounds.shrinkage = shrinkage }
        if let motion {
            guard let model = ["none": MotionModel.none, "6": .six, "24": .twentyFour][motion] else {
                throw ValidationError("--motion takes none, 6 or 24, not \(motion).")
            }
            configuration.confounds.motion = model
        }
        if let trials { configuration.trials.method = try Self.method(trials) }
        if let response {
            guard let shape = ["glover": TrialConfiguration.ResponseShape.glover, "spm": .spm][response],
                case .leastSquaresSeparate(_, let delays) = configuration.trials.method
            else { throw ValidationError("--response takes glover or spm, with --trials lss.") }
            configuration.trials.method = .leastSquaresSeparate(response: shape, delays: delays)
        }
        if let forgetting { configuration.forgetting = forgetting }
        if let autoregression { configuration.autoregression = autoregression }
        if let spikes { configuration.spikes = spikes ? SpikeRepair.Configuration() : nil }
        if let realign { configuration.realignment = realign ? RealignmentConfiguration() : nil }
        if averageRepeats { configuration.trials.averagesRepeats = true }
    }

    private static func drift(_ text: String) throws -> DriftModel {
        let parts = text.split(separator: ":")
        switch (parts.first, parts.count) {
        case ("constant", 1): return .constant
        case ("poly", 2): if let order = Int(parts[1]) { return .polynomial(order: order) }
        case ("cosine", 2): if let cutoff = Double(parts[1]) { return .cosine(cutoff: cutoff) }
        default: break
        }
        throw ValidationError("--drift takes constant, poly:ORDER or cosine:SECONDS, not \(text).")
    }

    private static func method(_ text: String) throws -> TrialConfiguration.Method {
        let parts = text.split(separator: ":")
        guard parts.count == 2 else {
            throw ValidationError("--trials takes lss:DELAY,DELAY…, mean:DELAY or window:VOLUMES, not \(text).")
        }
        let numbers = parts[1].split(separator: ",").map { Double($0) }
        switch (parts[0], numbers.first) {
        case ("lss", _) where !numbers.contains(nil):
            return .leastSquaresSeparate(response: .glover, delays: numbers.compactMap { $0 })
        case ("mean", .some(.some(let delay))) where numbers.count == 1:
            return .windowMean(delay: delay, duration: 3)
        case ("window", .some(.some(let volumes)))
        where numbers.count == 1 && volumes == volumes.rounded() && volumes < 1e6:
            return .slidingWindow(volumes: Int(volumes))
        default:
            throw ValidationError("--trials takes lss:DELAY,DELAY…, mean:DELAY or window:VOLUMES, not \(text).")
        }
    }
}
