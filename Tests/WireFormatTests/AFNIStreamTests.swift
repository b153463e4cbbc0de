import Testing

@testable import WireFormat

@Suite("AFNI image stream")
struct AFNIStreamTests {
    static let axes = [-2, 0, 0, 3, 0, -2, 0, 3, 0, 0, 4, -2.0]

    private func metadata(_ shape: SIMD3<Int> = [4, 5, 6]) -> AFNIMetadata {
        var metadata = AFNIMetadata(shape: shape, affine: Self.axes)
        metadata.repetitionTime = 1
        return metadata
    }

    /// Voxels that differ from each other and from volume to volume.
    private func voxels(_ metadata: AFNIMetadata, _ seed: Int) -> [UInt8] {
        (0..<metadata.volumeSize).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed &* 7 &+ $0 >> 8) }
    }

    private func items(
        _ bytes: [UInt8],
        step: Int = .max,
        channel: Int = 0,
        largest: Int = 1 << 20
    ) throws -> [AFNIStreamReader.Item] {
        var reader = AFNIStreamReader(largestVolume: largest, channel: channel)
        var items: [AFNIStreamReader.Item] = []
        var start = 0
        while start < bytes.count {
            let end = step > bytes.count - start ? bytes.count : start + step
            try reader.take(bytes[start..<end]) { items.append($0) }
            start = end
        }
        return items
    }

    private func volumes(_ items: [AFNIStreamReader.Item]) -> [[UInt8]] {
        items.compactMap { if case .volume(_, let bytes) = $0 { bytes } else { nil } }
    }

    @Test(
        "every acquisition type, slice order, byte order and datum comes back as it was sent, however the bytes are cut",
        arguments: AFNIMetadata.Acquisition.allCases,
        [.alternating, .sequential, .explicit([5, 0, 3, 1, 4, 2])] as [AFNIMetadata.SliceOrder]
    )
    func roundTrip(_ acquisition: AFNIMetadata.Acquisition, _ order: AFNIMetadata.SliceOrder) throws {
        for datum in AFNIMetadata.Datum.allCases {
            for isBigEndian in [false, true] {
                var metadata = metadata()
                (metadata.acquisition, metadata.sliceOrder) = (acquisition, order)
                (metadata.datum, metadata.isBigEndian) = (datum, isBigEndian)
                let sent = (0..<3).map { voxels(metadata, $0) }
                let bytes = metadata.encoded + sent.flatMap { metadata.images([$0]) } + (metadata.endOfRunImage ?? [])
                for step in [Int.max, 97, 1] {
                    let items = try items(bytes, step: step)
                    #expect(items.count == (metadata.endOfRunImage == nil ? 4 : 5))
                    #expect(volumes(items) == sent)
                }
            }
        }
    }

    @Test("slices arrive where AFNI's orders say")
    func sliceOrders() throws {
        let orders: [(AFNIMetadata.SliceOrder, [UInt8])] = [
            (.sequential, [10, 11, 12, 13, 14]), (.alternating, [10, 13, 11, 14, 12]),
            (.explicit([4, 3, 0, 1, 2]), [12, 13, 14, 11, 10]),
        ]
        for (order, expected) in orders {
            var metadata = metadata([2, 2, 5])
            (metadata.datum, metadata.sliceOrder) = (.byte, order)
            let sent = metadata.encoded + (10..<15).flatMap { [UInt8](repeating: $0, count: 4) }
            #expect(volumes(try items(sent)) == [expected.flatMap { [UInt8](repeating: $0, count: 4) }])
        }
    }

    @Test("bytes of a big-endian sender are turned around")
    func byteOrder() throws {
        var metadata = metadata([2, 2, 1])
        metadata.isBigEndian = true
        metadata.acquisition = .run
        let items = try items(metadata.encoded + [0x01, 0x02, 0x03, 0x04, 0xFF, 0xFE, 0x00, 0x05])
        #expect(volumes(items) == [[0x02, 0x01, 0x04, 0x03, 0xFE, 0xFF, 0x05, 0x00]])
    }

    @Test("one of several channels is taken, whole images or slices", arguments: [true, false])
    func channels(isBySlice: Bool) throws {
        var metadata = metadata()
        (metadata.channels, metadata.acquisition) = (3, isBySlice ? .runBySlice : .run)
        let sent = (0..<2).map { time in (0..<3).map { voxels(metadata, 10 * time + $0) } }
        let bytes = metadata.encoded + sent.flatMap { metadata.images($0) }
        for channel in 0..<3 {
            #expect(volumes(try items(bytes, channel: channel)) == sent.map { $0[channel] })
        }
        #expect(volumes(try items(bytes, channel: 9)) == sent.map { $0[2] })
    }

    @Test("a run ends with its mark, and another one follows on the same channel")
    func twoRuns() throws {
        let (first, second) = (metadata(), metadata([3, 4, 5]))
        let image = try #require(first.endOfRunImage)
        let bytes =
            first.encoded + first.images([voxels(first, 1)]) + image + second.encoded
            + second.images([voxels(second, 2)])
        let items = try items(bytes, step: 11)
        #expect(items.count == 5)
        #expect(items[2] == .end(unfinished: 0))
        #expect(volumes(items) == [voxels(first, 1), voxels(second, 2)])
    }

    @Test("a mark in the middle of a volume says how much is lost")
    func markInVolume() throws {
        let metadata = metadata()
        let image = try #require(metadata.endOfRunImage)
        let part = metadata.images([voxels(metadata, 1)])[..<(3 * metadata.imageSize)]
        #expect(try items(metadata.encoded + part + image).last == .end(unfinished: 3 * metadata.imageSize))
    }

    @Test("metadata that are cut anywhere wait for the rest, and are refused or read if they end there")
    func truncation() throws {
        let block = Array(metadata().encoded.dropLast())
        for length in 0..<block.count {
            var reader = AFNIStreamReader(largestVolume: 1 << 20)
            try reader.take(block[..<length]) { _ in Issue.record("there is nothing whole yet") }
            #expect(reader.unfinishedMetadata == length)
            do {
                try reader.take([0]) { item in
                    if case .run = item { return }
                    Issue.record("there is only metadata")
                }
            } catch {
                #expect([.malformed, .unsupported].contains(error.code))
            }
        }
    }

    @Test("garbage without an end, and claims that are too large, are refused")
    func refusals() throws {
        let garbage = [UInt8](repeating: 0x41, count: AFNIMetadata.largestBlock + 1)
        #expect(throws: WireError.self) { try items(garbage, step: 1000) }
        #expect(throws: WireError.self) { try items(Array("GET / HTTP/1.1\r\nHost: here\r\n\r\n\0".utf8)) }
        #expect(throws: WireError.self) { try items(metadata().encoded, largest: 100) }
        #expect(try items([UInt8](repeating: 0, count: 1000)).isEmpty)
    }

    @Test("what is whole before an error still counts")
    func error() throws {
        let metadata = metadata()
        var reader = AFNIStreamReader(largestVolume: 1 << 20)
        var count = 0
        let image = try #require(metadata.endOfRunImage)
        let bytes = metadata.encoded + metadata.images([voxels(metadata, 1)]) + image + Array("nonsense\0".utf8)
        #expect(throws: WireError.self) { try reader.take(bytes[...]) { _ in count += 1 } }
        #expect(count == 3)
    }
}
