import Foundation

/// Writing of whole files: to a temporary name beside the target, flushed to the disk, then renamed.
enum AtomicWriter {
    /// Replaces the content of `path`; a crash leaves either the old or the new content.
    static func write(_ bytes: [UInt8], to path: String) throws(WeightsError) {
        try write(to: path) { (descriptor) throws(WeightsError) in
            try append(bytes, to: descriptor, path: path)
        }
    }

    /// Replaces the content of `path` by what `body` appends to the descriptor that it is given.
    static func write(to path: String, _ body: (Int32) throws(WeightsError) -> Void) throws(WeightsError) {
        let temporary = "\(path).\(getpid()).partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        do throws(WeightsError) {
            try body(descriptor)
            guard fsync(descriptor) == 0 else { throw failure(path) }
            guard close(descriptor) == 0, rename(temporary, path) == 0 else { throw failure(path) }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
    }

    /// Appends all bytes.
    static func append(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(WeightsError) {
        let outcome = bytes.withUnsafeBytes { buffer in
            Result { () throws(WeightsError) in try append(buffer, to: descriptor, path: path) }
        }
        try outcome.get()
    }

    /// Appends all bytes, however often the system takes only part of them.
    static func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws(WeightsError) {
        var offset = 0
        while offset < bytes.count {
            guard let base = bytes.baseAddress else { return }
            let written = Foundation.write(descriptor, base + offset, bytes.count - offset)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw failure(path) }
            offset += written
        }
    }

    private static func failure(_ path: String) -> WeightsError {
        WeightsError(.unwritable, path, String(cString: strerror(errno)))
    }
}
