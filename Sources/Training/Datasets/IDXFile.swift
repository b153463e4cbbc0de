import CZlib
import Foundation

/// An array of bytes in the format of the MNIST database, plain or compressed by gzip.
///
/// Two zeros, the type of the elements (8: bytes) and the number of axes, then the extent of each axis in 32 bits, most
/// significant first, then the elements in row-major order.
public struct IDXFile: Sendable {
    /// The extent of every axis.
    public let shape: [Int]
    /// The elements, in row-major order.
    public let elements: [UInt8]

    /// The largest number of elements that is read unless the caller says otherwise.
    public static let defaultLimit = 1 << 30

    /// Reads a file.
    /// - Parameter limit: the largest number of elements for which memory is allocated.
    /// - Throws: `DatasetError`.
    public init(contentsOf url: URL, limit: Int = defaultLimit) throws {
        try self.init(try DatasetFile.data(url), name: url.path, limit: limit)
    }

    /// Reads an array out of bytes that errors call `name`.
    /// - Throws: `DatasetError`.
    public init(_ data: Data, name: String, limit: Int = defaultLimit) throws {
        let source = try ElementSource(data, name: name)
        let magic = try source.read(4)
        guard magic[0] == 0, magic[1] == 0, (1...8).contains(magic[3]) else {
            throw DatasetError(.malformed, name, "it does not begin as an IDX file does")
        }
        guard magic[2] == 8 else {
            throw DatasetError(.malformed, name, "it has elements of type \(magic[2]); only bytes (type 8) are read")
        }
        let numbers = try source.read(4 * Int(magic[3]))
        shape = stride(from: 0, to: numbers.count, by: 4).map { start in
            numbers[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        var count = 1
        for extent in shape {
            let (product, isTooLarge) = count.multipliedReportingOverflow(by: extent)
            guard !isTooLarge, product <= limit else {
                throw DatasetError(.malformed, name, "it claims the shape \(shape), more than \(limit) elements")
            }
            count = product
        }
        guard count <= source.mostBytes else {
            throw DatasetError(
                .malformed,
                name,
                "it claims the shape \(shape), which its \(data.count) bytes cannot hold; it is cut short"
            )
        }
        elements = try source.read(count)
        try source.finish()
    }
}

/// The bytes of a file, decompressed where they are compressed, as far as they are asked for.
private final class ElementSource {
    private let data: Data
    private let name: String
    private let isCompressed: Bool
    private var consumed = 0
    // zlib remembers where it is.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var hasEnded = false

    init(_ data: Data, name: String) throws {
        (self.data, self.name) = (data, name)
        isCompressed = data.starts(with: [0x1f, 0x8b])
        stream.initialize(to: z_stream())
        guard isCompressed else { return }
        let status = inflateInit2_(stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw DatasetError(.unreadable, name, "zlib cannot start") }
    }

    deinit {
        if isCompressed { inflateEnd(stream) }
        stream.deallocate()
    }

    /// The most bytes that the file can hold: deflate makes nothing smaller than by 1032.
    var mostBytes: Int { isCompressed ? data.count * 1032 : data.count }

    /// The next `count` bytes.
    func read(_ count: Int) throws -> [UInt8] {
        guard isCompressed else {
            guard count <= data.count - consumed else { throw tooShort() }
            let start = data.startIndex + consumed
            consumed += count
            return Array(data[start..<start + count])
        }
        var filled = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            filled = fill(buffer, count)
            initialized = filled
        }
        guard filled == count else { throw tooShort() }
        return bytes
    }

    /// Checks that nothing is left, and the checksum of what was compressed.
    func finish() throws {
        guard isCompressed else {
            guard consumed == data.count else { throw tooLong() }
            return
        }
        var extra: UInt8 = 0
        let more = withUnsafeMutablePointer(to: &extra) { fill(UnsafeMutableBufferPointer(start: $0, count: 1), 1) }
        guard more == 0 else { throw tooLong() }
        guard hasEnded else {
            throw DatasetError(.malformed, name, "the compressed data are damaged or cut short")
        }
    }

    /// Decompresses up to `count` bytes; returns how many there were.
    private func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>, _ count: Int) -> Int {
        let step = 1 << 30
        return data.withUnsafeBytes { (source: UnsafeRawBufferPointer) in
            guard let start = source.baseAddress?.assumingMemoryBound(to: UInt8.self), let target = buffer.baseAddress
            else { return 0 }
            var filled = 0
            while filled < count, !hasEnded {
                let (input, output) = (min(step, source.count - consumed), min(step, count - filled))
                stream.pointee.next_in = UnsafeMutablePointer(mutating: start + consumed)
                stream.pointee.avail_in = UInt32(input)
                stream.pointee.next_out = target + filled
                stream.pointee.avail_out = UInt32(output)
                let status = inflate(stream, Z_NO_FLUSH)
                consumed += input - Int(stream.pointee.avail_in)
                filled += output - Int(stream.pointee.avail_out)
                hasEnded = status == Z_STREAM_END
                guard status == Z_OK || hasEnded else { break }
            }
            return filled
        }
    }

    private func tooShort() -> DatasetError {
        DatasetError(.malformed, name, "it ends before its elements do, or the compressed data are damaged")
    }

    private func tooLong() -> DatasetError {
        DatasetError(.malformed, name, "there is more in it than its header says")
    }
}
