import Foundation
import Preprocessing

/// How a run is processed, as its record keeps it: under another, it cannot go on after a restart.
struct RunProcessing: Codable, Equatable {
    /// The settings with the run's repetition time and length.
    var configuration: ProcessingConfiguration
    /// The digest of settings, region, reference and statistics: `ProcessingModel.digest`.
    var model: String
    /// The digest without statistics: `ProcessingModel.patternDigest`; nil in logs of earlier versions.
    var patterns: String?

    /// The text of a record.
    func encoded() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Reads the text of a record.
    init(decoding text: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(text.utf8)) }

    init(configuration: ProcessingConfiguration, model: ProcessingModel) {
        self.configuration = configuration
        (self.model, patterns) = (model.digest, model.patternDigest)
    }
}
