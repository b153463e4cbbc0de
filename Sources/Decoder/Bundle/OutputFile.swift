import Foundation

/// A new file that is written from the beginning to the end.
final class OutputFile {
    private let url: URL
    private var descriptor: Int32
    /// The number of bytes written.
    private(set) var length = 0

    /// Creates the file, or empties it.
    init(_ url: URL) throws {
        self.url = url
        descriptor = open(url.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw failure() }
    }

    deinit {
        if descriptor >= 0 { Foundation.close(descriptor) }
    }

    /// Writes bytes at the end.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, min(rest.count, 1 << 26))
            if count < 0 {
                if errno == EINTR { continue }
                throw failure()
            }
            rest = rest.dropFirst(count)
        }
        length += bytes.count
    }

    /// Writes zeros up to an offset.
    func pad(to offset: Int) throws {
        precondition(offset >= length, "A file is written forwards.")
        try [UInt8](repeating: 0, count: offset - length).withUnsafeBytes { try append($0) }
    }

    /// Ends writing.
    func close() throws {
        let result = Foundation.close(descriptor)
        descriptor = -1
        if result != 0 { throw failure() }
    }

    private func failure() -> BundleError {
        BundleError(.unwritable, url.path, String(cString: strerror(errno)))
    }
}
