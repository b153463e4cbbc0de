import Foundation

/// Reading the files of data sets, with errors that name them.
enum DatasetFile {
    /// The content of a regular file; what would block or never end is refused.
    static func data(_ url: URL) throws -> Data {
        do {
            let values = try url.resolvingSymlinksInPath().resourceValues(forKeys: [.isRegularFileKey])
            guard values.isRegularFile == true else { throw DatasetError(.unreadable, url.path, "it is not a file") }
            return try Data(contentsOf: url, options: .mappedIfSafe)
        } catch let error as DatasetError {
            throw error
        } catch {
            throw DatasetError(.unreadable, url.path, "the file cannot be read: \(error.localizedDescription)")
        }
    }

    static func text(_ url: URL) throws -> String {
        guard let text = String(data: try data(url), encoding: .utf8) else {
            throw DatasetError(.malformed, url.path, "not a text file in UTF-8")
        }
        return text
    }

    /// The names in a folder, sorted.
    static func names(in folder: URL) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        } catch {
            throw DatasetError(.unreadable, folder.path, "the folder cannot be read: \(error.localizedDescription)")
        }
    }

    static func isFolder(_ url: URL) -> Bool {
        (try? url.resolvingSymlinksInPath().resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
    }
}
