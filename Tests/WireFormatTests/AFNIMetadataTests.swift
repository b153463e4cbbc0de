import Testing

@testable import WireFormat

@Suite("AFNI metadata")
struct AFNIMetadataTests {
    static let largest = 1 << 24

    private func read(_ lines: String..., largest: Int = Self.largest) throws -> AFNIMetadata {
        try AFNIMetadata(Array(lines.joined(separator: "\n").utf8), largestVolume: largest)
    }

    private func code(_ lines: String..., largest: Int = Self.largest) -> WireError.Code? {
        do {
            _ = try AFNIMetadata(Array(lines.joined(separator: "\n").utf8), largestVolume: largest)
            return nil
        } catch {
            return error.code
        }
    }

    /// A small grid, 2 mm by 3 mm by 4 mm.
    static let small = "XYMATRIX 4 3 2\nXYFOV 8 9\nZDELTA 4"

    struct Geometry: Sendable {
        let lines: String
        let affine: [Double]
    }

    // Worked out by hand: DICOM's x and y are those of RAS+ with the other sign.
    static let geometries = [
        Geometry(lines: small + "\nXYZAXES R-L A-P I-S", affine: [-2, 0, 0, 3, 0, -3, 0, 3, 0, 0, 4, -2]),
        Geometry(
            lines: "XYMATRIX 64 64 36\nXYFOV 192 192 144\nXYZAXES L-R P-A I-S\nXYZFIRST 90L 126P 72I",
            affine: [3, 0, 0, -90, 0, 3, 0, -126, 0, 0, 4, -72]
        ),
        // The example of AFNI's own text.
        Geometry(
            lines: "ACQUISITION_TYPE 2D+zt\nTR 5.0\nXYFOV 240.0 240.0 112.0\nZNUM 16\nXYZAXES S-I A-P L-R\nDATUM short"
                + "\nXYMATRIX 64 64",
            affine: [0, 0, 7, -52.5, 0, -3.75, 0, 118.125, -3.75, 0, 0, 118.125]
        ),
        // Without a letter, a distance counts toward the side where the axis begins.
        Geometry(
            lines: small + "\nXYZAXES RL PA SI\nXYZFIRST 90 -10 72",
            affine: [-2, 0, 0, 90, 0, 3, 0, 10, 0, 0, -4, 72]
        ),
        Geometry(
            lines: small + "\nXYZAXES Right-to-Left A-P I-S\nXYZFIRST 30L 5A 7S",
            affine: [-2, 0, 0, -30, 0, -3, 0, 5, 0, 0, 4, 7]
        ),
        Geometry(lines: small + "\nXYZAXES R-L A-P I-S\nZFIRST 11I", affine: [-2, 0, 0, 3, 0, -3, 0, 3, 0, 0, 4, -11]),
        Geometry(
            lines: small + "\nXYZAXES R-L A-P I-S\nXYZOFF 5 -4 3",
            affine: [-2, 0, 0, 8, 0, -3, 0, -1, 0, 0, 4, -5]
        ),
        // A field of view with gaps between slices: 8 / 2 + 1 mm.
        Geometry(
            lines: "XYMATRIX 4 3 2\nXYFOV 8 9 8\nZGAP 1\nXYZAXES R-L A-P I-S",
            affine: [-2, 0, 0, 3, 0, -3, 0, 3, 0, 0, 5, -2.5]
        ),
        // Tilted by the angle whose cosine is 0.8 around the axis from right to left.
        Geometry(
            lines: "XYMATRIX 4 4 2\nXYFOV 8 8 8\nXYZAXES R-L A-P I-S\n"
                + "OBLIQUE_XFORM 2 0 0 -3 0 1.6 -2.4 -10 0 1.2 3.2 20 0 0 0 1",
            affine: [-2, 0, 0, 3, 0, -1.6, 2.4, 10, 0, 1.2, 3.2, 20]
        ),
    ]

    @Test(
        "the affine leads to RAS+ for every order of axes and every way to name the first voxel",
        arguments: geometries
    )
    func affine(_ geometry: Geometry) throws {
        let metadata = try read(geometry.lines)
        for (found, expected) in zip(metadata.affine, geometry.affine) { #expect(abs(found - expected) < 1e-9) }
        #expect(metadata.warnings.isEmpty)
    }

    @Test("what is written is read again, plumb and tilted", arguments: geometries)
    func roundTrip(_ geometry: Geometry) throws {
        var metadata = try read(geometry.lines)
        metadata.name = "epi_run"
        metadata.repetitionTime = 0.72
        metadata.plannedVolumes = 300
        metadata.datum = .float
        metadata.isBigEndian = true
        metadata.sliceOrder = .explicit(Array((0..<metadata.shape.z).reversed()))
        (metadata.channels, metadata.echoTimes) = (3, [13.6, 25.96, 38.3])
        metadata.sliceTimes = (0..<metadata.shape.z).map { Double($0) / 128 }
        // To the last bit, the geometry included.
        let again = try AFNIMetadata(Array(metadata.encoded.dropLast()), largestVolume: Self.largest)
        #expect(again == metadata)
        #expect(metadata.encoded.last == 0)
    }

    @Test("everything that is said is taken in, whatever the order of lines")
    func everything() throws {
        let lines = [
            "ACQUISITION_TYPE 3D+timing", "PREFIX study.nii.gz", "TR 2.5", "NUMVOL 241", "XYMATRIX 64 48 5",
            "XYFOV 192 144 20", "XYZAXES R-L A-P I-S", "DATUM float", "BYTEORDER MSB_FIRST", "ZORDER seq",
            "TPATTERN alt+z", "NUM_CHAN 2", "ECHO_TIMES 12 30.5", "NOTE two  words", "GRAPH_XRANGE 100",
            "DRIVE_AFNI OPEN_WINDOW A",
        ]
        for order in [lines, lines.reversed()] {
            let metadata = try AFNIMetadata(Array(order.joined(separator: "\r\n").utf8), largestVolume: Self.largest)
            #expect(metadata.acquisition == .timedRun)
            #expect(metadata.name == "study.nii.gz")
            #expect(metadata.repetitionTime == 2.5)
            #expect(metadata.plannedVolumes == 241)
            #expect(metadata.shape == [64, 48, 5])
            #expect(metadata.datum == .float)
            #expect(metadata.isBigEndian)
            #expect(metadata.channels == 2)
            #expect(metadata.echoTimes == [12, 30.5])
            #expect(metadata.sliceTimes == [0, 1.5, 0.5, 2, 1])
            #expect(metadata.notes == ["two  words"])
            #expect(metadata.warnings.isEmpty)
        }
    }

    @Test("unknown and wrong lines are reported and do no harm")
    func warnings() throws {
        let metadata = try read(
            Self.small,
            "XYZAXES R-L A-P I-S",
            "COLOUR red",
            "TR minus",
            "NUMVOL -3",
            "ZFIRST 4L",
            "NOTE " + String(repeating: "x", count: 1100)
        )
        #expect(metadata.warnings.count == 5)
        #expect(metadata.repetitionTime == nil)
    }

    @Test("metadata that cannot be followed are refused, each with its kind of fault")
    func refusals() {
        let axes = "XYZAXES R-L A-P I-S"
        #expect(code(Self.small, axes) == nil)
        #expect(code(Self.small) == .malformed)
        #expect(code(Self.small, "XYZAXES R-L L-R I-S") == .malformed)
        #expect(code("XYMATRIX 4 3 2", "XYFOV 8 9", axes) == .malformed)
        #expect(code("XYFOV 8 9 10", "ZNUM 4", axes) == .malformed)
        #expect(code("XYMATRIX 4 3", "XYFOV 8 9 10", axes) == .malformed)
        #expect(code(Self.small, axes, "DATUM complex") == .unsupported)
        #expect(code(Self.small, axes, "DATUM rgb") == .unsupported)
        #expect(code(Self.small, axes, "DATUM words") == .unsupported)
        #expect(code(Self.small, axes, "BYTEORDER PDP") == .unsupported)
        #expect(code(Self.small, axes, "NUM_CHAN 33") == .unsupported)
        #expect(code(Self.small, axes, "ACQUISITION_TYPE 4D") == .unsupported)
        #expect(code(Self.small, axes, "ZORDER explicit 0 0") == .malformed)
        #expect(code(Self.small, axes, "ZORDER random") == .malformed)
        #expect(code(Self.small, axes, "ACQUISITION_TYPE 3D+t", "ZORDER random") == nil)
    }

    @Test("a claim beyond the limits is refused before anything is allocated")
    func limits() {
        let lines = "XYFOV 200 200 200\nXYZAXES R-L A-P I-S"
        #expect(code("XYMATRIX 1000 1000 1000", lines) == .tooLarge)
        #expect(code("XYMATRIX 32768 2 2", lines) == .tooLarge)
        #expect(code("XYMATRIX 64 64 30", lines, largest: 64 * 64 * 30 * 2) == nil)
        #expect(code("XYMATRIX 64 64 30", lines, largest: 64 * 64 * 30 * 2 - 1) == .tooLarge)
        #expect(code("XYMATRIX 64 64 30\nNUM_CHAN 2", lines, largest: 64 * 64 * 30 * 2) == .tooLarge)
        #expect(code("XYMATRIX 9223372036854775807 9223372036854775807 2", lines) == .malformed)
        #expect(code(String(repeating: "NOTE x\n", count: 10_000), Self.small, lines) == .tooLarge)
    }

    @Test("slices count from 0 or from 1")
    func explicitOrder() throws {
        let lines = "XYMATRIX 4 3 4\nXYFOV 8 9 8\nXYZAXES R-L A-P I-S"
        #expect(try read(lines, "ZORDER explicit 3 1 0 2").sliceOrder == .explicit([3, 1, 0, 2]))
        #expect(try read(lines, "ZORDER explicit 4 2 1 3").sliceOrder == .explicit([3, 1, 0, 2]))
        #expect(try read(lines, "ZORDER seq\nLOCK_ZORDER\nZORDER alt").sliceOrder == .sequential)
        #expect(AFNIMetadata.SliceOrder.alternating.slices(count: 9) == [0, 2, 4, 6, 8, 1, 3, 5, 7])
    }

    @Test("the words of the control port name a channel, and nothing that would be run")
    func control() throws {
        let words = try AFNIControl(Array("tcp:scanner.local:7960\0rest".utf8))
        #expect(words == AFNIControl(host: "scanner.local", port: 7960))
        #expect(try AFNIControl(words.encoded) == words)
        let refused: [(String, WireError.Code)] = [
            ("shm:grv:50K\0", .unsupported), ("tcp:host:7960\nrm -rf /\0", .unsupported), ("tcp:host:0\0", .malformed),
            ("tcp:host\0", .malformed), ("GET / HTTP/1.1\r\n\r\n", .malformed), ("", .malformed), ("\0", .malformed),
        ]
        for (text, code) in refused {
            #expect(throws: WireError.self) { try AFNIControl(Array(text.utf8)) }
            do { _ = try AFNIControl(Array(text.utf8)) } catch { #expect(error.code == code) }
        }
    }
}
