import Digests
import Foundation

extension SHA256 {
    /// The digest of a file's content, read in pieces.
    ///
    /// Throws ``BundleError`` with `unreadable` where the file cannot be read to its end.
    public static func hexDigest(of file: URL) throws -> String {
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        var digest = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = read(handle.fileDescriptor, buffer.baseAddress, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw BundleError(.unreadable, file.path, String(cString: strerror(errno)))
            }
            guard count > 0 else { return digest.hexDigest() }
            digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
