/// The pixels of a DICOM file as they are stored (PS3.3, C.7.6.3).
public struct DICOMPixelData: Sendable {
    /// The frames, at least one.
    public let frames: Int
    /// The pixels of a column.
    public let rows: Int
    /// The pixels of a row.
    public let columns: Int
    /// The values of a pixel: 1, or 3 for colours.
    public let samples: Int
    /// The bits that a value takes: 8, 16 or 32.
    public let bitsAllocated: Int
    /// The bits of it that count.
    public let bitsStored: Int
    /// The place of the highest of them.
    public let highBit: Int
    /// Whether the numbers are signed, in two's complement.
    public let isSigned: Bool
    /// Whether the samples are stored plane by plane.
    public let isPlanar: Bool

    private let dataSet: DICOMDataSet

    /// The largest number of values of a file that is read.
    private static let valueLimit = 1 << 31

    /// Reads how the pixels of a file are stored.
    ///
    /// - Throws: ``NeuroimagingError``: `missing` where there are no pixels, `unsupported` for kinds that are not
    ///   read, `malformed` for sizes that make no sense.
    public init(_ dataSet: DICOMDataSet) throws(NeuroimagingError) {
        func number(_ tag: DICOMTag, _ name: String, in range: ClosedRange<Int>, or absent: Int?)
            throws(NeuroimagingError) -> Int
        {
            guard let number = try dataSet.integer(tag) ?? absent else {
                throw NeuroimagingError(.missing, "\(tag)", "the file has no \(name), which pixels need")
            }
            guard range.contains(number) else {
                throw NeuroimagingError(.malformed, "\(tag)", "\(name) is \(number), not in \(range)")
            }
            return number
        }
        self.dataSet = dataSet
        bitsAllocated = try number(.bitsAllocated, "Bits Allocated", in: 1...64, or: nil)
        rows = try number(.rows, "Rows", in: 1...65535, or: nil)
        columns = try number(.columns, "Columns", in: 1...65535, or: nil)
        frames = try number(.numberOfFrames, "Number of Frames", in: 1...1_000_000, or: 1)
        samples = try number(.samplesPerPixel, "Samples per Pixel", in: 1...4, or: 1)
        guard [8, 16, 32].contains(bitsAllocated) else {
            throw NeuroimagingError(
                .unsupported,
                "\(DICOMTag.bitsAllocated)",
                "pixels of \(bitsAllocated) bits are not read"
            )
        }
        bitsStored = try number(.bitsStored, "Bits Stored", in: 1...bitsAllocated, or: bitsAllocated)
        highBit = try number(.highBit, "High Bit", in: bitsStored - 1...bitsAllocated - 1, or: bitsStored - 1)
        isSigned = try number(.pixelRepresentation, "Pixel Representation", in: 0...1, or: 0) == 1
        isPlanar = try number(.planarConfiguration, "Planar Configuration", in: 0...1, or: 0) == 1
        guard rows * columns * samples <= Self.valueLimit / frames else {
            throw NeuroimagingError(.unsupported, "pixel data", "\(frames) frames of \(rows)×\(columns) are too many")
        }
    }

    /// The values of one frame.
    public var valuesPerFrame: Int { rows * columns * samples }

    /// The bytes of one frame.
    public var bytesPerFrame: Int { valuesPerFrame * (bitsAllocated / 8) }

    /// Checks that all pixels are there, in an encoding that is read.
    ///
    /// - Throws: ``NeuroimagingError``: `truncated` where the file ends before its pixels do, `unsupported` for other
    ///   transfer syntaxes.
    public func check() throws(NeuroimagingError) {
        let syntax = dataSet.transferSyntax
        guard let position = dataSet.position(of: .pixelData) else {
            throw NeuroimagingError(
                .truncated,
                "pixel data",
                "expected \(frames * bytesPerFrame) bytes and found 0: perhaps the file is still being written"
            )
        }
        guard syntax.pixelEncoding != .foreign else {
            throw NeuroimagingError(
                .unsupported,
                "pixel data",
                "the transfer syntax \(syntax.identifier) (\(syntax.name)) is not read: decompress the file first"
            )
        }
        let entry = dataSet.contents.entries[position]
        let isNative = syntax.pixelEncoding == .native
        let expected = isNative ? frames * bytesPerFrame : dataSet.contents.truncatedPixelLength ?? 0
        if dataSet.contents.truncatedPixelLength != nil || (isNative && Int(entry.length) < expected) {
            throw NeuroimagingError(
                .truncated,
                "pixel data",
                "expected \(max(expected, dataSet.contents.truncatedPixelLength ?? 0)) bytes and found \(entry.length): "
                    + "perhaps the file is still being written"
            )
        }
        if !isNative {
            let fragments = dataSet.items(.pixelData).count - 1
            guard fragments >= frames else {
                throw NeuroimagingError(
                    .malformed,
                    "pixel data",
                    "\(max(0, fragments)) fragments hold \(frames) frames"
                )
            }
        }
    }

    /// The values of a frame in the order rows, columns, samples, little-endian.
    ///
    /// - Throws: As ``check()``, and `malformed` where run lengths make no sense.
    public func storedBytes(frame: Int) throws(NeuroimagingError) -> [UInt8] {
        precondition((0..<frames).contains(frame), "a frame that is in the file")
        try check()
        guard let position = dataSet.position(of: .pixelData) else { return [] }
        let width = bitsAllocated / 8
        if dataSet.transferSyntax.pixelEncoding == .runLength {
            let fragment = dataSet.items(.pixelData)[frame + 1].source
            return try DICOMRunLength.decode(fragment, values: rows * columns, samples: samples, width: width)
        }
        let entry = dataSet.contents.entries[position]
        let start = Int(entry.offset) + frame * bytesPerFrame
        var bytes = Array(dataSet.contents.bytes[start..<start + bytesPerFrame])
        // Bytes that are stored as big-endian words change places too.
        let word = entry.kind == .otherWord ? max(width, 2) : width
        if dataSet.transferSyntax.hasBigEndianPixels, word > 1 {
            for offset in stride(from: 0, to: bytes.count - word + 1, by: word) {
                bytes.withUnsafeMutableBufferPointer { bytes in
                    for index in 0..<word / 2 { bytes.swapAt(offset + index, offset + word - 1 - index) }
                }
            }
        }
        return isPlanar && samples > 1 ? interleaved(bytes, width: width) : bytes
    }

    /// Puts the samples of each pixel side by side.
    private func interleaved(_ planes: [UInt8], width: Int) -> [UInt8] {
        let pixels = rows * columns
        var bytes = planes
        for sample in 0..<samples {
            for index in 0..<pixels * width {
                let place = (index / width * samples + sample) * width + index % width
                bytes[place] = planes[sample * pixels * width + index]
            }
        }
        return bytes
    }

    /// The values of a frame, before any rescaling.
    ///
    /// - Throws: As ``storedBytes(frame:)``.
    public func values(frame: Int) throws(NeuroimagingError) -> [Float] {
        let bytes = try storedBytes(frame: frame)
        let width = bitsAllocated / 8
        let (up, down) = (UInt32(31 - highBit), UInt32(32 - bitsStored))
        let signed = isSigned
        return [Float](unsafeUninitializedCapacity: valuesPerFrame) { values, count in
            bytes.withUnsafeBytes { bytes in
                for index in 0..<valuesPerFrame {
                    let bits: UInt32 =
                        switch width {
                        case 1: UInt32(bytes[index])
                        case 2:
                            UInt32(
                                UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
                            )
                        default: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
                        }
                    let shifted = bits << up
                    let value = signed ? Float(Int32(bitPattern: shifted) >> Int32(down)) : Float(shifted >> down)
                    values.initializeElement(at: index, to: value)
                }
            }
            count = valuesPerFrame
        }
    }
}

extension DICOMDataSet {
    /// The bytes of an item.
    var source: ArraySlice<UInt8> {
        guard entries.lowerBound > 0 else { return [] }
        return contents.bytes[contents.entries[entries.lowerBound - 1].range]
    }
}
