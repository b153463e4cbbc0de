import CZlib

/// What GE's compressed protocol, in private element (0025,101B), says of the order of slices.
struct GEProtocolBlock: Sendable, Equatable {
    /// Whether every second slice is acquired first.
    var isInterleaved: Bool?
    /// The slices that are excited together.
    var multiband = 1
    /// The pause after each volume in seconds; negative where it varies.
    var groupDelay = 0.0
    /// The imaging options.
    var options = ""

    private static let sizeLimit = 1 << 20

    /// Unpacks and reads the block; nil where it is none.
    init?(_ bytes: ArraySlice<UInt8>) {
        // The length of the compressed part stands before it.
        guard let text = Self.inflated(bytes.dropFirst(4)) ?? Self.inflated(bytes), !text.starts(with: Array("<?".utf8))
        else { return nil }
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: { $0 == 10 || $0 == 13 || $0 == 0 }) {
            let parts = line.split(separator: 0x20, maxSplits: 1)
            guard parts.count == 2 else { continue }
            let key = DICOMText.decoded(parts[0])
            let value = DICOMText.decoded(DICOMText.trimmed(parts[1])).filter { $0 != "\"" }
            values[key] = value
        }
        isInterleaved = values["SLICEORDER"].flatMap { Int($0) }.map { $0 != 0 }
        multiband = max(1, values["MBACCEL"].flatMap { Int($0) } ?? 1)
        options = values["IOPT"] ?? ""
        groupDelay = values["DELACQNOAV"].flatMap { Double($0) } ?? 0
        if options.contains("MPh"), values["DELACQ"] == "Minimum" { groupDelay = 0 }
        if options.contains("MPhVar") { groupDelay = -1 }
        guard groupDelay.isFinite, multiband < 64, !values.isEmpty else { return nil }
    }

    /// Undoes the gzip compression of the block, which may be padded with a byte.
    private static func inflated(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        guard bytes.count > 18, bytes.starts(with: [0x1F, 0x8B, 8]) else { return nil }
        var stream = z_stream()
        // 16 added to the window bits selects the gzip format.
        guard inflateInit2_(&stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var input = Array(bytes)
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        var status = Z_OK
        input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while status == Z_OK, output.count < sizeLimit {
                let produced = chunk.withUnsafeMutableBufferPointer { chunk in
                    stream.next_out = chunk.baseAddress
                    stream.avail_out = UInt32(chunk.count)
                    status = inflate(&stream, Z_NO_FLUSH)
                    return chunk.count - Int(stream.avail_out)
                }
                output += chunk[..<produced]
            }
        }
        return status == Z_STREAM_END ? output : nil
    }
}
