import Foundation

extension TabularFile {
    /// Reads a TSV file.
    ///
    /// - Parameters:
    ///   - url: the file.
    ///   - hasHeader: whether the first line names the columns.
    ///   - limits: how large it may be; a larger file is not read into memory.
    /// - Throws: `NeuroimagingError`.
    public init(contentsOf url: URL, hasHeader: Bool = true, limits: Limits = Limits()) throws {
        let bytes = try FileContent.read(url, limit: limits.bytes)
        try self.init(bytes, name: url.path, hasHeader: hasHeader, limits: limits)
    }

    /// Writes the table to a file, which appears complete or not at all.
    ///
    /// - Throws: `NeuroimagingError`.
    public func write(to url: URL) throws {
        do {
            try Data(content).write(to: url, options: .atomic)
        } catch {
            throw NeuroimagingError(
                .unwritable,
                url.path,
                "the table cannot be written: \(error.localizedDescription); check the folder and the disk's free space"
            )
        }
    }
}

/// Reads small files whole.
enum FileContent {
    /// The bytes of a file, unless there are more than `limit`.
    static func read(_ url: URL, limit: Int) throws -> [UInt8] {
        let file: FileHandle
        do {
            file = try FileHandle(forReadingFrom: url)
        } catch {
            let isThere = FileManager.default.fileExists(atPath: url.path)
            throw NeuroimagingError(
                isThere ? .unreadable : .missing,
                url.path,
                isThere ? "the file cannot be opened; check its permissions" : "there is no such file"
            )
        }
        defer { try? file.close() }
        do {
            let data = try file.read(upToCount: limit < Int.max ? limit + 1 : limit) ?? Data()
            guard data.count <= limit else {
                throw NeuroimagingError(.unsupported, url.path, "the file is larger than the limit, \(limit) bytes")
            }
            return [UInt8](data)
        } catch let error as NeuroimagingError {
            throw error
        } catch {
            throw NeuroimagingError(.unreadable, url.path, "the file cannot be read: \(error.localizedDescription)")
        }
    }
}
