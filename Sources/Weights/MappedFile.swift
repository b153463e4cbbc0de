import Foundation

/// A file mapped into memory for reading.
///
/// Pages are read when they are first touched.
public final class MappedFile: @unchecked Sendable {
    /// Where the file is.
    public let path: String
    /// The content.
    public var region: ByteRegion { ByteRegion(base: base, count: count, owner: self) }
    private let base: UnsafeRawPointer
    private let count: Int

    /// Maps a file.
    ///
    /// Throws `unreadable` if that is not possible, for instance for a directory.
    public init(path: String) throws(WeightsError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw WeightsError(.unreadable, path, "is not a regular file") }
        count = Int(status.st_size)
        guard count > 0 else {
            base = UnsafeRawPointer(UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1))
            return
        }
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw Self.failure(path)
        }
        base = UnsafeRawPointer(address)
    }

    deinit {
        if count > 0 { munmap(UnsafeMutableRawPointer(mutating: base), count) } else { base.deallocate() }
    }

    private static func failure(_ path: String) -> WeightsError {
        WeightsError(.unreadable, path, String(cString: strerror(errno)))
    }
}
