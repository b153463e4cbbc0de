import Testing

@testable import Neuroimaging

@Suite("A volume made of written DICOM files")
struct DICOMSyntheticTests {
    /// The one volume that a file completes.
    func volumes(_ files: [[UInt8]]) throws -> (volumes: [DICOMVolume], assembler: DICOMAssembler) {
        var assembler = DICOMAssembler()
        var volumes: [DICOMVolume] = []
        for file in files { volumes += try assembler.add(file) }
        volumes += assembler.finish()
        return (volumes.sorted { $0.temporalPosition < $1.temporalPosition }, assembler)
    }

    /// A mosaic of 5 slices of 2×2 pixels: 3×3 tiles, of which the last four are empty.
    ///
    /// The pixel of slice s, column x and row y is 100 s + 10 y + x.
    func mosaic(_ extra: (inout DICOMWriter) -> Void) -> [UInt8] {
        let pixels = (0..<36).map { index -> UInt16 in
            let (x, y) = (index % 6, index / 6)
            let slice = y / 2 * 3 + x / 2
            return slice < 5 ? UInt16(100 * slice + 10 * (y % 2) + x % 2) : 0
        }
        var writer = DICOMWriter()
        // Elements of a file are sorted, but the reader does not need that.
        writer.addImage(
            instance: 1,
            columns: 6,
            rows: 6,
            pixels: pixels,
            manufacturer: "SIEMENS",
            type: "ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC",
            position: "10\\20\\30",
            extra: extra
        )
        return writer.file()
    }

    @Test("from a mosaic has its slices where the standard puts them")
    func siemensMosaic() throws {
        let file = mosaic {
            $0.add(0x0019_100A, short: 5)
            $0.add(0x0019_1029, doubles: [0, 800, 400, 1200, 1600])
        }
        let result = try volumes([file])
        let volume = try #require(result.volumes.first)
        #expect(volume.volume.grid.shape == [2, 2, 5])
        // Rows are turned so that y goes up: (x, y, z) is column x, row 1 − y.
        #expect(volume.volume[1, 0, 3] == 311 && volume.volume[0, 1, 4] == 400 && volume.volume[1, 1, 0] == 1)
        // The spacing of rows is 3 and of columns 2 mm; the tile's corner is (6 − 2)/2 pixels into the image.
        let affine = volume.volume.grid.affine
        let first = SIMD3<Double>(-14, -26, 30)
        let last = SIMD3<Double>(-16, -29, 46)
        #expect(length(affine([0, 1, 0]) - first) < 1e-9)
        #expect(length(affine([1, 0, 4]) - last) < 1e-9)
        #expect(volume.sliceTiming == [0, 0.8, 0.4, 1.2, 1.6])
        #expect(result.assembler.descriptions.first?.repetitionTime == 2)
    }

    @Test("from a mosaic whose slices run against the normal keeps their order, and turns its axis")
    func reversedNormal() throws {
        let file = mosaic {
            $0.add(0x0019_100A, short: 5)
            $0.add(0x0019_1027, doubles: [0, 0, -1])
        }
        let volume = try #require(try volumes([file]).volumes.first).volume
        #expect(volume[0, 1, 4] == 400)
        let last = SIMD3<Double>(-14, -26, 14)
        #expect(length(volume.grid.affine([0, 1, 4]) - last) < 1e-9)
        #expect(volume.grid.affine.determinant > 0)
    }

    @Test("without the number of its slices is refused")
    func unknownMosaic() {
        let error = #expect(throws: NeuroimagingError.self) { try DICOMImage(mosaic { _ in }) }
        #expect(error?.code == .missing && error?.subject == "mosaic")
    }

    /// An enhanced file of 3 slices and 2 time points with frames in an order; frame (t, z) holds 1000 t + 100 z + pixel.
    func enhanced(_ order: [(time: Int, slice: Int)], vendor: String) -> [UInt8] {
        var writer = DICOMWriter()
        writer.addImage(
            instance: 1,
            columns: 2,
            rows: 2,
            pixels: order.flatMap { frame in (0..<4).map { UInt16(1000 * frame.time + 100 * frame.slice + $0) } },
            frames: order.count,
            manufacturer: vendor,
            position: nil,
            orientation: nil,
            extra: { writer in
                writer.add(
                    0x0020_9222,
                    items: [0x0020_9057, 0x0020_9128].map { pointer -> (inout DICOMWriter) -> Void in
                        { $0.add(0x0020_9165, "AT", $0.tag(pointer)) }
                    }
                )
                writer.add(
                    0x5200_9229,
                    items: [
                        { $0.add(0x0020_9116, items: [{ $0.add(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0") }]) }
                    ]
                )
                writer.add(0x5200_9230, items: order.map { frame in Self.frame(frame.time, frame.slice) })
            }
        )
        return writer.file()
    }

    private static func frame(_ time: Int, _ slice: Int) -> (inout DICOMWriter) -> Void {
        { writer in
            writer.add(
                0x0020_9111,
                delimited: true,
                items: [
                    {
                        $0.add(0x0018_9074, "DT", "2020010112000\(2 * time).\(slice * 2)")
                        $0.add(0x0020_9157, longs: [UInt32(slice + 1), UInt32(time + 1)])
                    }
                ]
            )
            writer.add(0x0020_9113, items: [{ $0.add(0x0020_0032, "DS", "0\\0\\\(4 * slice)") }])
            // Each time point has a scale of its own.
            writer.add(
                0x0028_9145,
                items: [
                    {
                        $0.add(0x0028_1052, "DS", "5")
                        $0.add(0x0028_1053, "DS", "\(time + 1)")
                    }
                ]
            )
            writer.add(0x0021_11FE, items: [{ $0.add(0x0021_1104, "DS", "\(2 * time).\(slice * 2)") }])
        }
    }

    @Test(
        "from an enhanced file does not depend on the order of its frames",
        arguments: ["SIEMENS", "GE MEDICAL SYSTEMS", "ACME"]
    )
    func enhancedOrders(_ vendor: String) throws {
        let sorted = (0..<2).flatMap { time in (0..<3).map { (time: time, slice: $0) } }
        for order in [sorted, sorted.reversed(), [4, 1, 3, 0, 5, 2].map { sorted[$0] }] {
            let volumes = try volumes([enhanced(order, vendor: vendor)]).volumes
            #expect(volumes.map(\.temporalPosition) == [0, 1])
            for (time, volume) in volumes.enumerated() {
                #expect(volume.volume.grid.shape == [2, 2, 3])
                for slice in 0..<3 {
                    // Column 1 of the second row is pixel 3.
                    let stored = Float(1000 * time + 100 * slice + 3)
                    #expect(volume.volume[1, 0, slice] == stored * Float(time + 1) + 5)
                }
                let times = volume.sliceTiming.map { ($0 * 1e6).rounded() / 1e6 }
                #expect(times == (vendor == "SIEMENS" ? [0, 0.2, 0.4] : []))
            }
        }
    }

    @Test("of single slices without any number of slices comes out after the second volume")
    func learned() throws {
        var assembler = DICOMAssembler()
        var counts: [Int] = []
        for instance in 0..<12 {
            var writer = DICOMWriter()
            let slice = instance % 4
            writer.addImage(
                instance: instance + 1,
                columns: 2,
                rows: 2,
                pixels: [UInt16(instance), 0, 0, 0],
                position: "0\\0\\\(4 * slice)",
                acquisition: instance / 4 + 1
            )
            counts.append(try assembler.add(writer.file()).count)
        }
        #expect(counts == [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1])
        #expect(assembler.finish().isEmpty && assembler.issues.isEmpty)
    }

    @Test("of single slices with only instance numbers, slice by slice, comes out at the end")
    func sliceBySlice() throws {
        let files = (0..<12).map { instance -> [UInt8] in
            var writer = DICOMWriter()
            writer.addImage(
                instance: instance + 1,
                columns: 2,
                rows: 2,
                pixels: [UInt16(instance), 0, 0, 0],
                position: "0\\0\\\(4 * (instance / 3))",
                acquisition: 1
            )
            return writer.file()
        }
        let result = try volumes(files)
        #expect(result.volumes.map(\.temporalPosition) == [0, 1, 2])
        #expect(result.volumes.map { $0.volume[0, 1, 3] } == [9, 10, 11])
        #expect(result.assembler.issues.isEmpty)
    }

    @Test("is not made of slices with a gap between them")
    func gap() throws {
        let files = [0, 1, 3, 4].map { slice -> [UInt8] in
            var writer = DICOMWriter()
            writer.addImage(
                instance: slice + 1,
                columns: 2,
                rows: 2,
                pixels: [1, 2, 3, 4],
                position: "0\\0\\\(4 * slice)",
                acquisition: 1
            )
            return writer.file()
        }
        let result = try volumes(files)
        #expect(result.volumes.isEmpty && result.assembler.issues.count == 1)
    }
}
