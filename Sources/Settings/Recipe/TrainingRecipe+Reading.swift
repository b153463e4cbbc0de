import Foundation
import Yams

extension TrainingRecipe {
    /// Reads a recipe.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - overrides: Values that take the place of the file's, as `key.key=value`.
    /// - Throws: all problems at once.
    public init(contentsOf path: String, overrides: [String] = []) throws(SettingsError) {
        try self.init(yaml: SettingsFile.text(of: path), file: path, overrides: overrides)
    }

    /// Reads a recipe from YAML.
    public init(yaml text: String, file: String, overrides: [String] = []) throws(SettingsError) {
        let folder = URL(fileURLWithPath: file).standardizedFileURL.deletingLastPathComponent().path
        let document = SettingsDocument(text, file: file)
        let reader = SettingsReader(file: file, folder: folder)
        // The preset comes first, wherever it stands: it is what the other keys change.
        var head = TrainingRecipe.blank
        let presetReader = SettingsReader(file: file, folder: folder)
        presetReader.read(Self.fields, of: document.root, into: &head, at: "")
        var recipe = TrainingRecipe(preset: head.preset)
        if document.root != nil || document.problems.isEmpty {
            reader.read(Self.fields, of: document.root, into: &recipe, at: "")
        }
        var problems = document.problems + reader.problems
        for override in overrides {
            problems += SettingsOverrides.apply(override, Self.fields, fixed: ["preset"], to: &recipe)
        }
        guard problems.isEmpty else { throw SettingsError(problems) }
        self = recipe
    }

    /// Every key and its value, in canonical form: what a run's folder keeps, and what tells two recipes apart.
    public var effective: [(key: String, value: String)] {
        Self.fields.flatMap { $0.entries(self, $0.key) }
    }
}
