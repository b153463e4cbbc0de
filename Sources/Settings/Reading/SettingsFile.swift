import Foundation

/// The text of a settings file.
enum SettingsFile {
    /// The largest file that is read as settings, in bytes.
    static let largest = 1 << 20

    /// Reads a file of at most 1 MiB as UTF-8.
    static func text(of path: String) throws(SettingsError) -> String {
        func unreadable(_ detail: String) -> SettingsError {
            let problem = SettingsError.Problem(file: path, line: 0, column: 0, key: "", detail: detail)
            return SettingsError([problem], code: .unreadable)
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw unreadable("cannot be read: \(String(cString: strerror(errno)))") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw unreadable("is no file") }
        guard status.st_size <= largest else { throw unreadable("has more than 1 MiB; it is no settings file") }
        guard let file = fopen(path, "re") else {
            throw unreadable("cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: largest)
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
        return text
    }
}
