import Foundation

/// Whole files that survive a crash.
enum DurableFile {
    /// Replaces a file's content; a crash leaves either the old content or the new.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws(SessionError) {
        let temporary = "\(path).\(getpid()).partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SessionError(errno: errno, path) }
        var failure = append(bytes, to: descriptor)
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        if close(descriptor) != 0, failure == 0 { failure = errno }
        if failure == 0, rename(temporary, path) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(temporary)
            throw SessionError(errno: failure, path)
        }
        try synchronizeFolder(of: path)
    }

    /// Puts a folder's entries on the disk, which a new or renamed file needs besides its own content.
    static func synchronizeFolder(of path: String) throws(SessionError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SessionError(errno: errno, folder) }
        defer { close(descriptor) }
        // Some network file systems cannot do this, and need not.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw SessionError(errno: errno, folder) }
    }

    /// Reads a file whole.
    static func read(_ path: String, limit: Int) throws(SessionError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SessionError(errno: errno, path, writing: false) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SessionError(errno: errno, path, writing: false) }
        let size = Int(status.st_size)
        guard status.st_mode & S_IFMT == S_IFREG, size <= limit else {
            throw SessionError(.damaged, path, "is no file, or has \(size) bytes, more than the limit of \(limit)")
        }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Foundation.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { return }
                count += got
            }
        }
        guard failure == 0 else { throw SessionError(errno: failure, path, writing: false) }
        return bytes
    }

    private static func append(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let put = Foundation.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if put < 0, errno == EINTR { continue }
                guard put > 0 else { return errno }
                done += put
            }
            return 0
        }
    }
}
