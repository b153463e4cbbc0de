import Foundation

/// A folder that appears under its name only when everything in it has reached the disk.
struct AtomicFolder {
    /// Where to write in the meantime.
    let temporary: URL
    private let destination: URL
    private let replaces: Bool

    /// Makes the temporary folder beside the destination.
    /// - Parameter replaces: whether something already at the destination may be replaced.
    init(_ destination: URL, replaces: Bool) throws {
        let manager = FileManager.default
        if !replaces, manager.fileExists(atPath: destination.path) {
            throw BundleError(
                .alreadyExists,
                destination.path,
                "there is already something of this name; choose another or allow it to be replaced"
            )
        }
        self.destination = destination
        self.replaces = replaces
        let name = ".\(destination.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).partial"
        temporary = destination.deletingLastPathComponent().appendingPathComponent(name, isDirectory: true)
        do {
            try? manager.removeItem(at: temporary)
            try manager.createDirectory(at: temporary, withIntermediateDirectories: true)
        } catch {
            throw BundleError(.unwritable, temporary.path, "the folder cannot be made: \(error.localizedDescription)")
        }
    }

    /// Forces the content to disk and gives the folder its name.
    func commit() throws {
        let manager = FileManager.default
        let names = try manager.contentsOfDirectory(atPath: temporary.path)
        for name in names { try Self.synchronize(temporary.appendingPathComponent(name)) }
        try Self.synchronize(temporary)
        let old = temporary.appendingPathExtension("old")
        let isOccupied = manager.fileExists(atPath: destination.path)
        if isOccupied {
            guard replaces else {
                throw BundleError(.alreadyExists, destination.path, "something of this name was made in the meantime")
            }
            try Self.rename(destination, to: old)
        }
        try Self.rename(temporary, to: destination)
        try Self.synchronize(destination.deletingLastPathComponent())
        if isOccupied { try? manager.removeItem(at: old) }
    }

    /// Removes what was written.
    func discard() {
        try? FileManager.default.removeItem(at: temporary)
    }

    /// Waits until a file or a folder's list of names is on disk.
    static func synchronize(_ url: URL) throws {
        let descriptor = open(url.path, O_RDONLY)
        guard descriptor >= 0 else { throw failure(url) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(url) }
    }

    static func rename(_ source: URL, to destination: URL) throws {
        guard Foundation.rename(source.path, destination.path) == 0 else { throw failure(destination) }
    }

    private static func failure(_ url: URL) -> BundleError {
        BundleError(.unwritable, url.path, String(cString: strerror(errno)))
    }
}
