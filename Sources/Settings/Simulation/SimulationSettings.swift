import Foundation

/// A simulated participant in a simulated scanner: the content of a file such as `Config/simulation.yaml`.
public struct SimulationSettings: Sendable, Equatable {
    /// The seed of the participant: anatomy, receptive fields, tuning, haemodynamics.
    ///
    /// The same seed is the same person.
    public var participant: UInt64 = 1
    /// The participant's BIDS label.
    public var label = "sim"
    /// What the visual cortex does.
    public var cortex = CortexSettings()
    /// When images are shown, and how large.
    public var stimuli = StimulusSettings()
    /// What the scanner measures.
    public var acquisition = AcquisitionSettings()
    /// What it measures besides.
    public var noise = NoiseSettings()
    /// How the head moves.
    public var motion = MotionSettings()

    /// The defaults.
    public init() {}

    static var fields: [SettingsField<Self>] {
        [
            .value("participant", \.participant, .integer(0...UInt64.max)),
            .value("label", \.label, .label),
            .section("cortex", \.cortex, CortexSettings.fields),
            .section("stimuli", \.stimuli, StimulusSettings.fields),
            .section("acquisition", \.acquisition, AcquisitionSettings.fields),
            .section("noise", \.noise, NoiseSettings.fields),
            .section("motion", \.motion, MotionSettings.fields),
        ]
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - overrides: Values that take the place of the file's, as `key.key=value`.
    /// - Throws: all problems at once.
    public init(contentsOf path: String, overrides: [String] = []) throws(SettingsError) {
        try self.init(yaml: SettingsFile.text(of: path), file: path, overrides: overrides)
    }

    /// Reads YAML; what is left out has its default.
    public init(yaml text: String, file: String, overrides: [String] = []) throws(SettingsError) {
        let folder = URL(fileURLWithPath: file).standardizedFileURL.deletingLastPathComponent().path
        let document = SettingsDocument(text, file: file)
        let reader = SettingsReader(file: file, folder: folder)
        var settings = SimulationSettings()
        reader.read(Self.fields, of: document.root, into: &settings, at: "")
        var problems = document.problems + reader.problems
        for override in overrides { problems += SettingsOverrides.apply(override, Self.fields, to: &settings) }
        guard problems.isEmpty else { throw SettingsError(problems) }
        self = settings
    }

    /// Every key and its value, in canonical form.
    public var effective: [(key: String, value: String)] {
        Self.fields.flatMap { $0.entries(self, $0.key) }
    }
}
