import Testing

@testable import Neuroimaging

/// The ways of writing elements that are read.
enum DICOMEncoding: CaseIterable {
    case implicitLittle
    case explicitLittle
    case explicitBig

    var writer: DICOMWriter {
        DICOMWriter(isExplicit: self != .implicitLittle, isBigEndian: self == .explicitBig)
    }
}

@Suite("The elements of a DICOM file")
struct DICOMParserTests {
    @Test("have the values that were written, in each encoding", arguments: DICOMEncoding.allCases)
    func values(_ encoding: DICOMEncoding) throws {
        var writer = encoding.writer
        writer.add(0x0008_103E, "LO", "Kopf ")
        writer.add(0x0008_0070, "LO", [0x4D, 0xFC, 0x6C, 0x6C])
        writer.add(0x0018_0080, "DS", " 1500.5 ")
        writer.add(0x0018_9082, doubles: [28.25])
        writer.add(0x0020_0032, "DS", "-1.5\\2e1\\3")
        writer.add(0x0020_9157, longs: [1, 70000])
        writer.add(0x0021_104F, "SS", writer.number16(UInt16(bitPattern: -3)))
        writer.add(0x0028_0010, short: 512)
        writer.add(0x0028_0008, "IS", "1A")
        let dataSet = try DICOMDataSet(writer.file())
        #expect(dataSet.string(.seriesDescription) == "Kopf")
        #expect(dataSet.string(.manufacturer) == "Müll")
        #expect(try dataSet.double(.repetitionTime) == 1500.5)
        #expect(try dataSet.double(.effectiveEchoTime) == 28.25)
        #expect(try dataSet.doubles(.imagePosition) == [-1.5, 20, 3])
        #expect(dataSet.strings(.imagePosition) == ["-1.5", "2e1", "3"])
        #expect(try dataSet.doubles(.dimensionIndexValues) == [1, 70000])
        #expect(try dataSet.integer(.geLocations) == -3)
        #expect(try dataSet.integer(.rows) == 512)
        #expect(try dataSet.integer(.columns) == nil)
        let error = #expect(throws: NeuroimagingError.self) { try dataSet.integer(.numberOfFrames) }
        #expect(error?.code == .malformed && error?.subject == "(0028,0008)")
    }

    @Test(
        "may be sequences within sequences, with and without lengths",
        arguments: DICOMEncoding.allCases,
        [false, true]
    )
    func sequences(_ encoding: DICOMEncoding, isDelimited: Bool) throws {
        var writer = encoding.writer
        writer.add(
            0x5200_9230,
            delimited: isDelimited,
            items: [
                { item in
                    item.add(0x0020_9113, delimited: !isDelimited, items: [{ $0.add(0x0020_0032, "DS", "1\\2\\3") }])
                },
                { item in
                    item.add(
                        0x0020_9113,
                        delimited: isDelimited,
                        items: [{ $0.add(0x0020_0032, "DS", "4\\5\\6") }, { _ in }]
                    )
                    item.add(0x0020_9111, items: [])
                },
            ]
        )
        writer.add(0x7FE0_0010, "OW", [1, 2])
        let dataSet = try DICOMDataSet(writer.file())
        #expect(dataSet.tags == [DICOMTag(2, 0x10), .perFrameFunctionalGroups, .pixelData])
        let items = dataSet.items(.perFrameFunctionalGroups)
        #expect(items.map(\.count) == [1, 2])
        #expect(items[0].items(.planePosition).first?.vector(.imagePosition, count: 3) == [1, 2, 3])
        #expect(items[1].items(.planePosition).map { $0.vector(.imagePosition, count: 3) } == [[4, 5, 6], nil])
        #expect(dataSet.vector(.imagePosition, count: 3) == nil)
    }

    @Test("may be private sequences that were passed on as unknown")
    func unknownSequences() throws {
        var implicit = DICOMWriter(isExplicit: false)
        implicit.add(0x2005_140F, items: [{ $0.add(0x2005_100E, "FL", [0, 0, 0x80, 0x3F]) }])
        let content = Array(implicit.bytes.dropFirst(8))
        var writer = DICOMWriter()
        writer.add(0x2005_140F, "UN", content)
        writer.add(
            0x2007_1001,
            "UN",
            content + implicit.tag(0xFFFE_E0DD) + [0, 0, 0, 0],
            length: DICOMWriter.undefined
        )
        writer.add(0x2009_1001, "UN", [0xFE, 0xFF, 0x00, 0xE0, 9, 9, 9, 9])
        let dataSet = try DICOMDataSet(writer.file())
        #expect(dataSet.items(.philipsFrame).first?.optionalDouble(.philipsScaleSlope) == 1)
        #expect(dataSet.items(DICOMTag(0x2007, 0x1001)).first?.optionalDouble(.philipsScaleSlope) == 1)
        #expect(dataSet.count == 4)
    }

    @Test("are refused where they are nested too deep, too long or without an end")
    func refused() throws {
        func nested(_ depth: Int) -> (inout DICOMWriter) -> Void {
            { writer in
                if depth > 0 { writer.add(0x0020_9111, delimited: true, items: [nested(depth - 1)]) }
            }
        }
        var shallow = DICOMWriter()
        nested(DICOMParser.depthLimit)(&shallow)
        _ = try DICOMDataSet(shallow.file())
        var deep = DICOMWriter()
        nested(DICOMParser.depthLimit + 1)(&deep)
        var long = DICOMWriter()
        long.add(0x0020_9111, "SQ", [0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0x70])
        var endless = DICOMWriter()
        endless.add(0x0020_9111, "SQ", [0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0], length: DICOMWriter.undefined)
        var huge = DICOMWriter()
        huge.add(0x0008_103E, "UT", [65, 66], length: 0xFFFF_FFF0)
        var alone = DICOMWriter()
        alone.bytes += alone.tag(0xFFFE_E0DD) + [0, 0, 0, 0]
        let codes = [deep, long, endless, huge, alone].map { writer in
            #expect(throws: NeuroimagingError.self) { try DICOMDataSet(writer.file()) }?.code
        }
        #expect(codes == [.malformed, .truncated, .truncated, .truncated, .malformed])
    }

    @Test("are named with the transfer syntax where their pixels are not read")
    func foreign() throws {
        var writer = DICOMWriter()
        writer.addImage(instance: 1, columns: 2, rows: 2, pixels: [1, 2, 3, 4])
        let dataSet = try DICOMDataSet(writer.file("1.2.840.10008.1.2.4.70"))
        #expect(dataSet.string(.seriesInstance) == "1.2.9")
        let error = #expect(throws: NeuroimagingError.self) { try DICOMPixelData(dataSet).check() }
        #expect(error?.code == .unsupported)
        #expect(error?.detail.contains("1.2.840.10008.1.2.4.70 (JPEG Lossless") == true)
    }

    @Test("keep to the encoding that the first suggests where none is named")
    func unnamed() throws {
        for isExplicit in [false, true] {
            var writer = DICOMWriter(isExplicit: isExplicit)
            writer.add(0x0008_103E, "LO", "Kopf")
            #expect(try DICOMDataSet(writer.file("")).string(.seriesDescription) == "Kopf")
        }
    }
}

@Suite("The pixels of a DICOM file")
struct DICOMPixelTests {
    /// The values of pixels that are stored in some bits of some bytes.
    func values(
        _ bytes: [UInt8],
        columns: Int,
        allocated: UInt16,
        stored: UInt16,
        high: UInt16,
        isSigned: Bool,
        isBigEndian: Bool = false,
        syntax: String? = nil,
        kind: String = "OW"
    ) throws -> [Float] {
        var writer = DICOMWriter(isBigEndian: isBigEndian)
        writer.add(0x0028_0010, short: 1)
        writer.add(0x0028_0011, short: UInt16(columns))
        writer.add(0x0028_0100, short: allocated)
        writer.add(0x0028_0101, short: stored)
        writer.add(0x0028_0102, short: high)
        writer.add(0x0028_0103, short: isSigned ? 1 : 0)
        writer.add(0x7FE0_0010, kind, bytes, length: syntax == nil ? nil : DICOMWriter.undefined)
        return try DICOMPixelData(try DICOMDataSet(writer.file(syntax))).values(frame: 0)
    }

    @Test("are masked, shifted and signed as their elements say")
    func bits() throws {
        let twelve = try values(
            [0xFF, 0xFF, 0x00, 0xF8],
            columns: 2,
            allocated: 16,
            stored: 12,
            high: 11,
            isSigned: true
        )
        #expect(twelve == [-1, -2048])
        let unsigned = try values(
            [0xFF, 0xFF, 0x01, 0x10],
            columns: 2,
            allocated: 16,
            stored: 12,
            high: 11,
            isSigned: false
        )
        #expect(unsigned == [4095, 1])
        let high = try values(
            [0xF0, 0xFF, 0x1F, 0x00],
            columns: 2,
            allocated: 16,
            stored: 12,
            high: 15,
            isSigned: false
        )
        #expect(high == [4095, 1])
        let bytes = try values([0x80, 0x7F], columns: 2, allocated: 8, stored: 8, high: 7, isSigned: true, kind: "OB")
        #expect(bytes == [-128, 127])
        let long = try values(
            [0, 0, 1, 0, 0xFE, 0xFF, 0xFF, 0xFF],
            columns: 2,
            allocated: 32,
            stored: 32,
            high: 31,
            isSigned: true
        )
        #expect(long == [65536, -2])
        let big = try values(
            [0x01, 0x02, 0xFF, 0xFE],
            columns: 2,
            allocated: 16,
            stored: 16,
            high: 15,
            isSigned: true,
            isBigEndian: true
        )
        #expect(big == [258, -2])
    }

    @Test("are unpacked from run lengths, and refused where these do not fit")
    func runLengths() throws {
        // Two segments: high bytes 0 0 0 1 1, low bytes 5 6 7 9 9.
        let segments: [UInt8] = [0xFE, 0, 0xFF, 1] + [2, 5, 6, 7, 0xFF, 9]
        var header = [UInt8](repeating: 0, count: 64)
        (header[0], header[4], header[8]) = (2, 64, 68)
        func file(_ frame: [UInt8]) -> [UInt8] {
            let writer = DICOMWriter()
            return writer.tag(0xFFFE_E000) + writer.number32(0) + writer.tag(0xFFFE_E000)
                + writer.number32(UInt32(frame.count)) + frame + writer.tag(0xFFFE_E0DD) + writer.number32(0)
        }
        func read(_ frame: [UInt8]) throws -> [Float] {
            try values(
                file(frame),
                columns: 5,
                allocated: 16,
                stored: 16,
                high: 15,
                isSigned: false,
                syntax: "1.2.840.10008.1.2.5",
                kind: "OB"
            )
        }
        #expect(try read(header + segments) == [5, 6, 7, 265, 265])
        #expect(throws: NeuroimagingError.self) { try read(header + segments.dropLast(2)) }
        #expect(throws: NeuroimagingError.self) { try read(Array(header.prefix(20))) }
        header[8] = 200
        #expect(throws: NeuroimagingError.self) { try read(header + segments) }
        (header[0], header[8]) = (3, 68)
        #expect(throws: NeuroimagingError.self) { try read(header + segments) }
    }
}
