import Foundation

/// A folder that is there whole or not at all.
enum ExportFolder {
    /// Fills a folder under another name and gives it its own at the end; nothing is left of it if that fails.
    ///
    /// Throws `inconsistent` if something of that name exists that is not an empty folder.
    static func fill(_ target: URL, _ body: (URL) throws -> Void) throws {
        let target = target.standardizedFileURL
        let existing = try? FileManager.default.contentsOfDirectory(atPath: target.path)
        if FileManager.default.fileExists(atPath: target.path), existing?.isEmpty != true {
            throw SessionError(.inconsistent, target.path, "exists already; name a folder that does not, or is empty")
        }
        let parent = target.deletingLastPathComponent()
        let temporary = parent.appendingPathComponent(".\(target.lastPathComponent).\(getpid()).partial")
        try? FileManager.default.removeItem(at: temporary)
        do {
            try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
            try body(temporary)
            // An empty folder gives way to it.
            guard rename(temporary.path, target.path) == 0 else { throw SessionError(errno: errno, target.path) }
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            throw error
        }
    }

    /// Makes a folder within one that is being filled.
    static func make(_ path: String, in folder: URL) throws(SessionError) -> URL {
        let url = folder.appendingPathComponent(path)
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw SessionError(.unwritable, url.path, error.localizedDescription)
        }
        return url
    }

    /// Writes a file whole.
    static func write(_ bytes: some Collection<UInt8>, to url: URL) throws(SessionError) {
        do {
            try Data(bytes).write(to: url)
        } catch {
            let code = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.code
            if code == Int(ENOSPC) { throw SessionError(.diskFull, url.path, "no space is left") }
            throw SessionError(.unwritable, url.path, error.localizedDescription)
        }
    }

    /// Writes a value as JSON.
    static func write(json value: some Encodable, to url: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try write(encoder.encode(value) + [UInt8(ascii: "\n")], to: url)
    }
}
