/// Writes DICOM files for tests, independently of the reader.
struct DICOMWriter {
    var isExplicit = true
    var isBigEndian = false
    var bytes: [UInt8] = []

    static let undefined: UInt32 = 0xFFFF_FFFF

    func number16(_ value: UInt16) -> [UInt8] {
        let parts = [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)]
        return isBigEndian ? parts.reversed() : parts
    }

    func number32(_ value: UInt32) -> [UInt8] {
        let parts = (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
        return isBigEndian ? parts.reversed() : parts
    }

    func number64(_ value: Double) -> [UInt8] {
        let parts = (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * $0)) }
        return isBigEndian ? parts.reversed() : parts
    }

    func tag(_ tag: UInt32) -> [UInt8] { number16(UInt16(tag >> 16)) + number16(UInt16(truncatingIfNeeded: tag)) }

    /// Adds an element of any bytes.
    mutating func add(_ tag: UInt32, _ kind: String, _ value: [UInt8], length: UInt32? = nil) {
        let length = length ?? UInt32(value.count)
        bytes += self.tag(tag)
        if isExplicit {
            bytes += Array(kind.utf8)
            let isLong = ["OB", "OD", "OF", "OL", "OW", "SQ", "UC", "UN", "UR", "UT"].contains(kind)
            bytes += isLong ? [0, 0] + number32(length) : number16(UInt16(length))
        } else {
            bytes += number32(length)
        }
        bytes += value
    }

    /// Adds an element of text, padded to an even length.
    mutating func add(_ tag: UInt32, _ kind: String, _ text: String) {
        let value = Array(text.utf8)
        add(tag, kind, value.count % 2 == 0 ? value : value + [kind == "UI" ? 0 : 0x20])
    }

    mutating func add(_ tag: UInt32, short value: UInt16) { add(tag, "US", number16(value)) }

    mutating func add(_ tag: UInt32, longs values: [UInt32]) { add(tag, "UL", values.flatMap { number32($0) }) }

    mutating func add(_ tag: UInt32, doubles values: [Double]) { add(tag, "FD", values.flatMap { number64($0) }) }

    /// Adds a sequence whose items are written by closures, with stated lengths or delimiters.
    mutating func add(_ tag: UInt32, delimited: Bool = false, kind: String = "SQ", items: [(inout DICOMWriter) -> Void])
    {
        var content: [UInt8] = []
        for item in items {
            var writer = self
            writer.bytes = []
            item(&writer)
            content += self.tag(0xFFFE_E000) + number32(delimited ? Self.undefined : UInt32(writer.bytes.count))
            content += writer.bytes
            if delimited { content += self.tag(0xFFFE_E00D) + number32(0) }
        }
        if delimited { content += self.tag(0xFFFE_E0DD) + number32(0) }
        add(tag, kind, content, length: delimited ? Self.undefined : nil)
    }

    /// The file: preamble, meta information with a transfer syntax, and what was added.
    func file(_ syntax: String? = nil) -> [UInt8] {
        var meta = DICOMWriter()
        let usual = isBigEndian ? "1.2.840.10008.1.2.2" : isExplicit ? "1.2.840.10008.1.2.1" : "1.2.840.10008.1.2"
        meta.add(0x0002_0010, "UI", syntax ?? usual)
        return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + meta.bytes + bytes
    }

    /// Adds what an image needs.
    mutating func addImage(
        instance: Int,
        columns: Int,
        rows: Int,
        pixels: [UInt16],
        frames: Int = 1,
        manufacturer: String = "ACME",
        type: String = "ORIGINAL\\PRIMARY\\M",
        position: String? = "0\\0\\0",
        orientation: String? = "1\\0\\0\\0\\1\\0",
        acquisition: Int? = nil,
        extra: (inout DICOMWriter) -> Void = { _ in }
    ) {
        add(0x0008_0008, "CS", type)
        add(0x0008_0018, "UI", "1.2.3.\(instance)")
        add(0x0008_0070, "LO", manufacturer)
        add(0x0018_0080, "DS", "2000")
        add(0x0018_0081, "DS", "30")
        add(0x0018_0088, "DS", "4")
        add(0x0020_000E, "UI", "1.2.9")
        add(0x0020_0011, "IS", "5")
        if let acquisition { add(0x0020_0012, "IS", "\(acquisition)") }
        add(0x0020_0013, "IS", "\(instance)")
        if let position { add(0x0020_0032, "DS", position) }
        if let orientation { add(0x0020_0037, "DS", orientation) }
        add(0x0028_0002, short: 1)
        if frames > 1 { add(0x0028_0008, "IS", "\(frames)") }
        add(0x0028_0010, short: UInt16(rows))
        add(0x0028_0011, short: UInt16(columns))
        add(0x0028_0030, "DS", "3\\2")
        add(0x0028_0100, short: 16)
        add(0x0028_0101, short: 16)
        add(0x0028_0102, short: 15)
        add(0x0028_0103, short: 0)
        extra(&self)
        add(0x7FE0_0010, "OW", pixels.flatMap { number16($0) })
    }
}
