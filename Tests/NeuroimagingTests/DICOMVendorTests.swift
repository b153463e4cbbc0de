import Testing

@testable import Neuroimaging

@Suite("A vendor's own way of writing a series")
struct DICOMVendorTests {
    /// A gzip file that holds its content uncompressed (RFC 1951, 3.2.4; RFC 1952).
    static func gzip(_ text: String) -> [UInt8] {
        let content = Array(text.utf8)
        func number(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
        var check: UInt32 = 0xFFFF_FFFF
        for byte in content {
            check ^= UInt32(byte)
            for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
        }
        let block = [1] + number(content.count, 2) + number(~content.count & 0xFFFF, 2) + content
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + block + number(Int(~check), 4) + number(content.count, 4)
    }

    /// GE's timing of a volume with a protocol.
    func times(_ text: String, slices: Int, software: String = "28\\LX\\MR Software release:DV28.0_R02_1947.a") throws
        -> [Double]
    {
        var writer = DICOMWriter()
        let block = Self.gzip(text)
        writer.add(0x0019_109C, "LO", "epiRT")
        writer.add(0x0025_101B, "OB", [UInt8(block.count), 0, 0, 0] + block)
        let timing = try #require(GETiming(try DICOMDataSet(writer.file()), software: software))
        return (timing.times(slices: slices, repetitionTime: 1) ?? []).map { ($0 * 1e4).rounded() / 1e4 }
    }

    @Test("of GE plans slices by order, excitations and release")
    func geTiming() throws {
        // As dcm2niix times series 3, 2, 4 and 5 of the public set dcm_qa_ge, whose times its authors measured.
        let sequential = try times("SLICEORDER \"0\"\nMBACCEL \"8\"\nIOPT \"EPI, FMRI\"\n", slices: 72)
        #expect(Array(sequential.prefix(10)) == [0, 0.1111, 0.2222, 0.3333, 0.4444, 0.5556, 0.6667, 0.7778, 0.8889, 0])
        let odd = try times("SLICEORDER \"1\"\nMBACCEL \"8\"\n", slices: 72)
        #expect(Array(odd.prefix(10)) == [0, 0.5556, 0.1111, 0.6667, 0.2222, 0.7778, 0.3333, 0.8889, 0.4444, 0])
        let even = try times("SLICEORDER \"1\"\nMBACCEL \"8\"\n", slices: 80)
        #expect(Array(even.prefix(11)) == [0, 0.5, 0.1, 0.6, 0.2, 0.7, 0.3, 0.9, 0.4, 0.8, 0])
        // Before 27.0 R03, an even number of excitations has one more.
        let old = try times(
            "SLICEORDER \"0\"\nMBACCEL \"2\"\n",
            slices: 8,
            software: "27\\LX\\MR Software release:RX27.0_R02_1831.a"
        )
        #expect(old == [0, 0.2, 0.4, 0.6, 0.8, 0, 0.2, 0.4])
        // Releases before 26 do not say how their multiband is timed.
        #expect(
            try times(
                "SLICEORDER \"0\"\nMBACCEL \"2\"\n",
                slices: 8,
                software: "24\\LX\\MR Software release:DV24.0_R01_1344.a"
            ).isEmpty
        )
    }

    @Test("of Siemens' X series that exports each volume as a series is one series")
    func splitSeries() throws {
        var assembler = DICOMAssembler()
        var volumes: [DICOMVolume] = []
        for volume in 0..<3 {
            for slice in 0..<2 {
                var writer = DICOMWriter()
                // What comes first in a file counts.
                writer.add(0x0018_1020, "LO", "syngo MR XA30")
                writer.add(0x0020_0011, "IS", "\(5001 + volume)")
                writer.add(0x0020_000D, "UI", "1.2.7")
                writer.add(0x0020_000E, "UI", "1.2.8.\(volume)")
                writer.add(0x0021_118A, "IS", "\(2 * volume + slice + 1)")
                writer.addImage(
                    instance: 10 * volume + slice,
                    columns: 2,
                    rows: 2,
                    pixels: [UInt16(10 * volume + slice), 0, 0, 0],
                    manufacturer: "Siemens Healthineers",
                    position: "0\\0\\\(4 * slice)",
                    acquisition: volume + 1
                )
                volumes += try assembler.add(writer.file())
            }
        }
        #expect(volumes.map(\.temporalPosition) == [0, 1, 2])
        #expect(volumes.map { $0.volume[0, 1, 1] } == [1, 11, 21])
        #expect(assembler.descriptions.map(\.seriesNumber) == [5001] && assembler.finish().isEmpty)
    }

    @Test("of United Imaging is a grid of slices that each have a place and a time")
    func grid() throws {
        // Five slices of 2×2 pixels, from the top down, in a grid of 3×2; slice s, column x, row y holds 100 s + 10 y + x.
        let pixels = (0..<24).map { index -> UInt16 in
            let (x, y) = (index % 6, index / 6)
            let slice = y / 2 * 3 + x / 2
            return UInt16(100 * slice + 10 * (y % 2) + x % 2)
        }
        var writer = DICOMWriter()
        writer.addImage(
            instance: 1,
            columns: 6,
            rows: 4,
            pixels: pixels,
            manufacturer: "UIH",
            position: nil,
            extra: {
                $0.add(
                    0x0065_1051,
                    items: (0..<5).map { slice -> (inout DICOMWriter) -> Void in
                        {
                            $0.add(0x0008_0032, "TM", "1200\(10 + slice / 4).\(slice % 4 * 25)")
                            $0.add(0x0020_0032, "DS", "0\\0\\\(-4 * slice)")
                        }
                    }
                )
            }
        )
        var assembler = DICOMAssembler()
        let volume = try #require(try assembler.add(writer.file()).first)
        #expect(volume.volume.grid.shape == [2, 2, 5])
        #expect(volume.volume[1, 0, 0] == 411 && volume.volume[0, 1, 4] == 0 && volume.volume[0, 0, 1] == 310)
        #expect(volume.volume.grid.affine([0, 1, 0]) == [0, 0, -16])
        #expect(volume.sliceTiming == [1, 0.75, 0.5, 0.25, 0])
    }

    @Test("with two echoes in a file is two series")
    func echoes() throws {
        var writer = DICOMWriter()
        let frames = [(12, 0), (30, 0), (12, 1), (30, 1)]
        writer.addImage(
            instance: 1,
            columns: 2,
            rows: 2,
            pixels: frames.flatMap { echo, slice in [UInt16](repeating: UInt16(10 * echo + slice), count: 4) },
            frames: 4,
            manufacturer: "Philips",
            position: nil
        ) { writer in
            writer.add(
                0x5200_9230,
                items: frames.map { echo, slice -> (inout DICOMWriter) -> Void in
                    {
                        $0.add(0x0018_9114, items: [{ $0.add(0x0018_9082, doubles: [Double(echo)]) }])
                        $0.add(0x0020_9113, items: [{ $0.add(0x0020_0032, "DS", "0\\0\\\(4 * slice)") }])
                    }
                }
            )
        }
        var assembler = DICOMAssembler()
        let volumes = try assembler.add(writer.file())
        #expect(volumes.map { $0.volume.voxels[0] } == [120, 300])
        #expect(volumes.map { $0.volume.voxels[4] } == [121, 301])
        #expect(assembler.descriptions.map(\.echoTime) == [0.012, 0.03])
    }
}
