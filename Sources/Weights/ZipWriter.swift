import CZlib

/// Writes a zip archive of stored members, with ZIP64 records so that sizes beyond 4 GiB need no special case.
struct ZipWriter {
    private let descriptor: Int32
    private let path: String
    private var position = 0
    private var directory: [UInt8] = []
    private var entries = 0

    /// Writes to an open file from its beginning.
    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Appends a member, its parts one behind the other.
    mutating func add(_ name: String, _ parts: [UnsafeRawBufferPointer]) throws(WeightsError) {
        let size = parts.reduce(0) { $0 + $1.count }
        var checksum = crc32_z(0, nil, 0)
        for part in parts { checksum = crc32_z(checksum, part.bindMemory(to: UInt8.self).baseAddress, part.count) }
        let fields =
            Self.little(UInt16(0)) + Self.little(UInt16(0)) + Self.little(UInt32(0x21_0000))
            + Self.little(UInt32(truncatingIfNeeded: checksum)) + Self.little(UInt32.max) + Self.little(UInt32.max)
            + Self.little(UInt16(name.utf8.count))
        let header = position
        let sizes = Self.little(UInt64(size)) + Self.little(UInt64(size))
        try append(
            Self.little(UInt32(0x0403_4b50)) + Self.little(UInt16(45)) + fields + Self.little(UInt16(20))
                + Array(name.utf8)
                + Self.little(UInt16(1)) + Self.little(UInt16(16)) + sizes
        )
        for part in parts {
            try AtomicWriter.append(part, to: descriptor, path: path)
            position += part.count
        }
        directory += Self.little(UInt32(0x0201_4b50)) + Self.little(UInt16(45)) + Self.little(UInt16(45)) + fields
        directory +=
            Self.little(UInt16(28)) + [UInt8](repeating: 0, count: 10) + Self.little(UInt32.max) + Array(name.utf8)
        directory += Self.little(UInt16(1)) + Self.little(UInt16(24)) + sizes + Self.little(UInt64(header))
        entries += 1
    }

    /// Appends the directory.
    mutating func finish() throws(WeightsError) {
        let (start, size) = (position, directory.count)
        let counts = Self.little(UInt64(entries)) + Self.little(UInt64(entries))
        try append(directory)
        let record = position
        try append(
            Self.little(UInt32(0x0606_4b50)) + Self.little(UInt64(44)) + Self.little(UInt16(45))
                + Self.little(UInt16(45))
                + Self.little(UInt64(0)) + counts + Self.little(UInt64(size)) + Self.little(UInt64(start))
        )
        try append(
            Self.little(UInt32(0x0706_4b50)) + Self.little(UInt32(0)) + Self.little(UInt64(record))
                + Self.little(UInt32(1))
        )
        try append(
            Self.little(UInt32(0x0605_4b50)) + Self.little(UInt32(0)) + Self.little(UInt16.max)
                + Self.little(UInt16.max)
                + Self.little(UInt32.max) + Self.little(UInt32.max) + Self.little(UInt16(0))
        )
    }

    private mutating func append(_ bytes: [UInt8]) throws(WeightsError) {
        try AtomicWriter.append(bytes, to: descriptor, path: path)
        position += bytes.count
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
