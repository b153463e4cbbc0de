/// Parsing of a zip archive's central directory (APPNOTE 6.3.10, sections 4.3.12–4.3.16).
enum ZipDirectory {
    /// Finds the directory from the record at the end of the file.
    static func locate(in region: ByteRegion, path: String) throws(WeightsError) -> (offset: Int, entries: Int) {
        let damaged = WeightsError(.damaged, path, "is not a complete zip archive; was it cut short?")
        guard region.count >= 22 else { throw damaged }
        var end = region.count - 22
        let lowest = max(0, end - 0xffff)
        while end >= lowest, region.integer(UInt32.self, at: end) != 0x0605_4b50 { end -= 1 }
        guard end >= lowest,
            let entries = region.integer(UInt16.self, at: end + 10),
            let size = region.integer(UInt32.self, at: end + 12),
            let offset = region.integer(UInt32.self, at: end + 16)
        else { throw damaged }
        if entries != 0xffff, size != 0xffff_ffff, offset != 0xffff_ffff {
            guard Int(offset) + Int(size) <= end else { throw damaged }
            return (Int(offset), Int(entries))
        }
        // ZIP64: a locator before the end record points to the larger record.
        guard region.integer(UInt32.self, at: end - 20) == 0x0706_4b50,
            let record = region.integer(UInt64.self, at: end - 12).flatMap({ Int(exactly: $0) }),
            region.integer(UInt32.self, at: record) == 0x0606_4b50,
            let entries64 = region.integer(UInt64.self, at: record + 32).flatMap({ Int(exactly: $0) }),
            let size64 = region.integer(UInt64.self, at: record + 40).flatMap({ Int(exactly: $0) }),
            let offset64 = region.integer(UInt64.self, at: record + 48).flatMap({ Int(exactly: $0) }),
            size64 <= record, offset64 <= record - size64
        else { throw damaged }
        return (offset64, entries64)
    }

    /// Reads one record and says where the next begins.
    static func entry(in region: ByteRegion, at offset: Int, path: String) throws(WeightsError)
        -> (entry: ZipArchive.Entry, next: Int)
    {
        guard region.integer(UInt32.self, at: offset) == 0x0201_4b50,
            let flags = region.integer(UInt16.self, at: offset + 8),
            let method = region.integer(UInt16.self, at: offset + 10),
            let checksum = region.integer(UInt32.self, at: offset + 16),
            let compressed = region.integer(UInt32.self, at: offset + 20),
            let size = region.integer(UInt32.self, at: offset + 24),
            let nameLength = region.integer(UInt16.self, at: offset + 28),
            let extraLength = region.integer(UInt16.self, at: offset + 30),
            let commentLength = region.integer(UInt16.self, at: offset + 32),
            let header = region.integer(UInt32.self, at: offset + 42),
            let nameBytes = region.slice(offset + 46, Int(nameLength)),
            let extra = region.slice(offset + 46 + Int(nameLength), Int(extraLength))
        else { throw WeightsError(.damaged, path, "has a damaged directory") }
        guard let name = String(validating: nameBytes.bytes, as: UTF8.self), isSafe(name) else {
            throw WeightsError(.damaged, path, "has a member with a forbidden name")
        }
        guard flags & 1 == 0 else { throw WeightsError(.unsupported, "\(path): \(name)", "is encrypted") }
        let wide = try wideFields(
            extra,
            size: size,
            compressed: compressed,
            header: header,
            subject: "\(path): \(name)"
        )
        let entry = ZipArchive.Entry(
            name: name,
            size: wide.size,
            compressedSize: wide.compressed,
            method: Int(method),
            checksum: checksum,
            headerOffset: wide.header
        )
        return (entry, offset + 46 + Int(nameLength) + Int(extraLength) + Int(commentLength))
    }

    /// Replaces fields that are too small by those of the ZIP64 extra field, which holds just the ones needed.
    private static func wideFields(
        _ extra: ByteRegion,
        size: UInt32,
        compressed: UInt32,
        header: UInt32,
        subject: String
    )
        throws(WeightsError) -> (size: Int, compressed: Int, header: Int)
    {
        var fields = [Int(size), Int(compressed), Int(header)]
        let needed = fields.indices.filter { fields[$0] == 0xffff_ffff }
        guard !needed.isEmpty else { return (fields[0], fields[1], fields[2]) }
        var position = 0
        while let id = extra.integer(UInt16.self, at: position),
            let length = extra.integer(UInt16.self, at: position + 2)
        {
            if id == 1 {
                for (index, field) in needed.enumerated() {
                    guard (index + 1) * 8 <= Int(length),
                        let value = extra.integer(UInt64.self, at: position + 4 + index * 8),
                        let exact = Int(exactly: value)
                    else { throw WeightsError(.damaged, subject, "has a damaged ZIP64 field") }
                    fields[field] = exact
                }
                return (fields[0], fields[1], fields[2])
            }
            position += 4 + Int(length)
        }
        throw WeightsError(.damaged, subject, "lacks its ZIP64 field")
    }

    /// Nothing is extracted to names from an archive, but a name that points elsewhere marks a hostile file.
    private static func isSafe(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("/") && !name.contains("\0")
            && !name.split(separator: "/", omittingEmptySubsequences: false).contains("..")
    }
}
