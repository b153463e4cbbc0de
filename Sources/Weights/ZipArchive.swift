import CZlib
import Foundation

/// A zip archive, read through its central directory: stored and deflated members, ZIP64.
public struct ZipArchive: Sendable {
    /// A member.
    public struct Entry: Sendable {
        /// The name within the archive.
        public let name: String
        /// Bytes after decompression.
        public let size: Int
        let compressedSize: Int
        let method: Int
        let checksum: UInt32
        let headerOffset: Int
    }

    /// The members, in the order of the directory.
    public let entries: [Entry]
    /// Where the archive is, for messages.
    public let path: String
    private let region: ByteRegion
    private let byName: [String: Int]

    private static let maximumEntries = 1 << 20
    /// The most that one deflated member may expand to.
    private static let maximumInflatedSize = 1 << 33

    /// Whether bytes begin like a zip archive.
    public static func recognizes(_ region: ByteRegion) -> Bool {
        region.integer(UInt32.self, at: 0) == 0x0403_4b50 || region.integer(UInt32.self, at: 0) == 0x0605_4b50
    }

    /// Reads the directory.
    ///
    /// Throws `damaged` if it contradicts itself or the file.
    public init(_ region: ByteRegion, path: String) throws(WeightsError) {
        self.region = region
        self.path = path
        let directory = try ZipDirectory.locate(in: region, path: path)
        guard directory.entries <= Self.maximumEntries else {
            throw WeightsError(.tooLarge, path, "claims \(directory.entries) members")
        }
        var entries: [Entry] = []
        var byName: [String: Int] = [:]
        var offset = directory.offset
        for _ in 0..<directory.entries {
            let (entry, next) = try ZipDirectory.entry(in: region, at: offset, path: path)
            guard byName.updateValue(entries.count, forKey: entry.name) == nil else {
                throw WeightsError(.damaged, path, "has two members called \(entry.name)")
            }
            entries.append(entry)
            offset = next
        }
        self.entries = entries
        self.byName = byName
        try checkOverlaps(limit: directory.offset)
    }

    /// The member of that name.
    public subscript(name: String) -> Entry? { byName[name].map { entries[$0] } }

    /// The content of a member: part of the file if it is stored, memory of its own if it is deflated.
    public func content(of entry: Entry) throws(WeightsError) -> ByteRegion {
        let subject = "\(path): \(entry.name)"
        guard let stored = region.slice(try dataOffset(of: entry), entry.compressedSize) else {
            throw WeightsError(.damaged, subject, "reaches beyond the end of the file")
        }
        switch entry.method {
        case 0:
            guard entry.size == entry.compressedSize else {
                throw WeightsError(.damaged, subject, "is stored with two different sizes")
            }
            return stored
        case 8: return try Self.inflate(stored, size: entry.size, checksum: entry.checksum, subject: subject)
        default: throw WeightsError(.unsupported, subject, "uses compression method \(entry.method)")
        }
    }

    private func dataOffset(of entry: Entry) throws(WeightsError) -> Int {
        let start = entry.headerOffset
        guard region.integer(UInt32.self, at: start) == 0x0403_4b50,
            let nameLength = region.integer(UInt16.self, at: start + 26),
            let extraLength = region.integer(UInt16.self, at: start + 28)
        else { throw WeightsError(.damaged, "\(path): \(entry.name)", "has no local header") }
        return start + 30 + Int(nameLength) + Int(extraLength)
    }

    private func checkOverlaps(limit: Int) throws(WeightsError) {
        var end = 0
        for entry in entries.sorted(by: { $0.headerOffset < $1.headerOffset }) {
            let start = try dataOffset(of: entry)
            guard entry.headerOffset >= end, entry.compressedSize <= limit, start <= limit - entry.compressedSize else {
                throw WeightsError(.damaged, "\(path): \(entry.name)", "overlaps another member or the directory")
            }
            end = start + entry.compressedSize
        }
    }

    private static func inflate(
        _ source: ByteRegion,
        size: Int,
        checksum: UInt32,
        subject: String
    ) throws(WeightsError) -> ByteRegion {
        // Deflate expands at most 1032 times: a larger claim is a lie, and is refused before memory is taken for it.
        guard size <= maximumInflatedSize, size / 1032 <= source.count + 1 else {
            throw WeightsError(.tooLarge, subject, "claims \(size) bytes from \(source.count)")
        }
        let memory = OwnedBytes(count: size)
        var stream = z_stream()
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw WeightsError(.unreadable, subject, "zlib cannot start")
        }
        defer { inflateEnd(&stream) }
        var (consumed, produced) = (0, 0)
        var status = Z_OK
        let step = 1 << 30
        while status == Z_OK {
            let (input, output) = (min(step, source.count - consumed), min(step, size - produced))
            stream.next_in = UnsafeMutablePointer(
                mutating: (source.base + consumed).assumingMemoryBound(to: UInt8.self)
            )
            stream.avail_in = UInt32(input)
            stream.next_out = (memory.pointer + produced).assumingMemoryBound(to: UInt8.self)
            stream.avail_out = UInt32(output)
            status = CZlib.inflate(&stream, Z_NO_FLUSH)
            consumed += input - Int(stream.avail_in)
            produced += output - Int(stream.avail_out)
        }
        guard status == Z_STREAM_END, produced == size else {
            throw WeightsError(.damaged, subject, "does not decompress to \(size) bytes")
        }
        let actual = crc32_z(0, memory.pointer.assumingMemoryBound(to: UInt8.self), size)
        guard UInt32(truncatingIfNeeded: actual) == checksum else {
            throw WeightsError(.damaged, subject, "has a wrong checksum")
        }
        return memory.region
    }
}
