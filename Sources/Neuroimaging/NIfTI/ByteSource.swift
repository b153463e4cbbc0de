import CZlib

/// Bytes that are read in order: a file, compressed with gzip or not, or memory.
///
/// Memory grows only with what was really read, whatever a header promises.
final class ByteSource {
    let path: String
    private let file: gzFile?
    private let memory: [UInt8]
    private(set) var position = 0

    /// Opens a file.
    init(path: String) throws(NeuroimagingError) {
        guard let file = gzopen(path, "rbe") else {
            throw NeuroimagingError(.unreadable, path, "cannot be opened; check that it exists and may be read")
        }
        gzbuffer(file, 1 << 17)
        self.path = path
        self.file = file
        memory = []
    }

    /// Reads from memory.
    init(bytes: [UInt8]) {
        path = "bytes"
        file = nil
        memory = bytes
    }

    deinit {
        if let file { gzclose(file) }
    }

    /// Moves to a position; forward by reading where the file is compressed.
    func seek(to target: Int) throws(NeuroimagingError) {
        guard target != position else { return }
        if let file {
            guard gzseek(file, target, SEEK_SET) == target else { throw failure() }
        }
        position = target
    }

    /// Reads up to `count` bytes: fewer only at the end.
    func read(upTo count: Int) throws(NeuroimagingError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let step = min(count - bytes.count, max(1 << 20, bytes.count))
            let before = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: step))
            let got = try fill(&bytes, from: before)
            if got < step {
                bytes.removeLast(step - got)
                break
            }
        }
        return bytes
    }

    /// Fills an array from an index on; returns how many bytes there were.
    func fill(_ bytes: inout [UInt8], from start: Int = 0) throws(NeuroimagingError) -> Int {
        let got = bytes.withUnsafeMutableBytes { fill(UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
        guard let got else { throw failure() }
        position += got
        return got
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard let base = buffer.baseAddress else { return 0 }
        guard let file else {
            let count = max(0, min(buffer.count, memory.count - position))
            memory.withUnsafeBytes { bytes in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.dropFirst(position).prefix(count)))
            }
            return count
        }
        var done = 0
        while done < buffer.count {
            let got = gzread(file, base + done, UInt32(min(buffer.count - done, 1 << 30)))
            guard got >= 0 else { return nil }
            if got == 0 { break }
            done += Int(got)
        }
        return done
    }

    private func failure() -> NeuroimagingError {
        var code: Int32 = 0
        let text = gzerror(file, &code).map { String(cString: $0) } ?? "cannot be read"
        return code == Z_BUF_ERROR
            ? NeuroimagingError(.truncated, path, "the compressed file ends early; it may still be being written")
            : NeuroimagingError(code == Z_ERRNO ? .unreadable : .malformed, path, text)
    }
}
