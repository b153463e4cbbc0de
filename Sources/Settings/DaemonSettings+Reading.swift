import Foundation

extension DaemonSettings {
    /// The largest file that is read as settings, in bytes.
    public static let largestFile = 1 << 20

    /// Reads a settings file (`Config/perceptd.yaml` describes each key).
    ///
    /// Relative paths start from the file's folder.
    ///
    /// - Throws: all problems of the file at once.
    public init(contentsOf path: String) throws(SettingsError) {
        func unreadable(_ detail: String) -> SettingsError {
            let problem = SettingsError.Problem(file: path, line: 0, column: 0, key: "", detail: detail)
            return SettingsError([problem], code: .unreadable)
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw unreadable("cannot be read: \(String(cString: strerror(errno)))") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw unreadable("is no file") }
        guard status.st_size <= Self.largestFile else {
            throw unreadable("has more than 1 MiB; it is no settings file")
        }
        guard let file = fopen(path, "re") else {
            throw unreadable("cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Self.largestFile)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw unreadable("cannot be read: \(String(cString: strerror(errno)))") }
        guard let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
            throw SettingsError([
                SettingsError.Problem(
                    file: path,
                    line: 1,
                    column: 1,
                    key: "",
                    detail: "is no UTF-8 text; save it as such"
                )
            ])
        }
        try self.init(yaml: text, file: path)
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
