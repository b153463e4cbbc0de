import Foundation

extension DaemonSettings {
    /// The largest file that is read as settings, in bytes.
    public static let largestFile = SettingsFile.largest

    /// Reads a settings file (`Config/perceptd.yaml` describes each key).
    ///
    /// Relative paths start from the file's folder.
    ///
    /// - Throws: all problems of the file at once.
    public init(contentsOf path: String) throws(SettingsError) {
        try self.init(yaml: SettingsFile.text(of: path), file: path)
    }

    /// Reads settings from YAML.
    ///
    /// - Parameters:
    ///   - text: The content of a settings file.
    ///   - file: The file's path, for problems and relative paths.
    /// - Throws: all problems at once.
    public init(yaml text: String, file: String) throws(SettingsError) {
        self.init()
        let folder = URL(fileURLWithPath: file).standardizedFileURL.deletingLastPathComponent().path
        let document = SettingsDocument(text, file: file)
        let reader = SettingsReader(file: file, folder: folder)
        if document.root != nil || document.problems.isEmpty {
            reader.read(Self.fields, of: document.root, into: &self, at: "")
        }
        // Whether settings fit together is only asked of settings that are right one by one.
        if document.problems.isEmpty, reader.problems.isEmpty { check(with: reader) }
        let problems = (document.problems + reader.problems).enumerated()
            .sorted {
                ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
            }
            .map(\.element)
        guard problems.isEmpty else { throw SettingsError(problems) }
    }
}
