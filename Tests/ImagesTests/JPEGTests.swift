import Foundation
import Images
import SharedMaterial
import Testing

@Suite("JPEG files")
struct JPEGTests {
    @Test(
        "Baseline and progressive images have the pixels that Pillow reads",
        arguments: [
            (JPEGSample.colour, JPEGSample.colourPixels), (JPEGSample.progressive, JPEGSample.progressivePixels),
        ]
    )
    func pixels(file: Data, expected: Data) throws {
        let image = try JPEG.decode(file, name: "sample")
        #expect(image.height == 10 && image.width == 14)
        #expect(Self.worst(image, Array(expected)) <= 2)
    }

    @Test("A grey image has three equal channels")
    func grey() throws {
        let image = try JPEG.decode(JPEGSample.grey, name: "grey")
        #expect(Self.worst(image, JPEGSample.greyPixels.flatMap { [$0, $0, $0] }) <= 2)
    }

    @Test("An image is turned as its EXIF orientation says", arguments: 1...8)
    func orientation(_ orientation: Int) throws {
        var file = JPEGSample.quadrants
        file[JPEGSample.orientation] = UInt8(orientation)
        let image = try JPEG.decode(file, name: "turned")
        #expect((image.height, image.width) == (orientation < 5 ? (16, 32) : (32, 16)))
        // Which of red (0), green (1), blue (2) and white (3) is in the upper left, upper right, lower left, lower right.
        let expected = [
            [0, 1, 2, 3], [1, 0, 3, 2], [3, 2, 1, 0], [2, 3, 0, 1], [0, 2, 1, 3], [2, 0, 3, 1], [3, 1, 2, 0],
            [1, 3, 0, 2],
        ]
        let corners = [0.25, 0.75].flatMap { y in
            [0.25, 0.75].map { x -> Int in
                let pixel = (0..<3).map { channel in
                    image[Int(y * Double(image.height)), Int(x * Double(image.width)), channel]
                }
                return pixel.allSatisfy { $0 > 128 } ? 3 : pixel.firstIndex { $0 > 128 } ?? -1
            }
        }
        #expect(corners == expected[orientation - 1])
    }

    @Test("An orientation that makes no sense leaves the image as it is", arguments: [0, 9, 255])
    func senselessOrientation(_ orientation: Int) throws {
        var file = JPEGSample.quadrants
        let image = try JPEG.decode(file, name: "upright")
        file[JPEGSample.orientation] = UInt8(orientation)
        #expect(try JPEG.decode(file, name: "upright") == image)
    }

    @Test("The colours of print are refused with what to do")
    func ink() {
        #expect {
            try JPEG.decode(JPEGSample.ink, name: "print.jpg")
        } throws: { error in
            (error as? ImageError)?.code == .unsupported && "\(error)".contains("convert it to RGB")
        }
    }

    @Test(
        "An image that is cut short anywhere is an error",
        arguments: [JPEGSample.colour, JPEGSample.progressive, JPEGSample.grey]
    )
    func truncated(file: Data) {
        for length in 0..<file.count {
            #expect(throws: ImageError.self, "\(length) bytes") { try JPEG.decode(file.prefix(length), name: "cut") }
        }
    }

    @Test("A changed byte anywhere gives an image or a typed error")
    func changed() throws {
        for sample in [JPEGSample.colour, JPEGSample.progressive, JPEGSample.quadrants] {
            for index in sample.indices {
                for change: UInt8 in [0x01, 0x80, 0xff] {
                    var file = sample
                    file[index] ^= change
                    do {
                        _ = try JPEG.decode(file, name: "changed", pixelLimit: 1 << 20)
                    } catch {
                        #expect(error is ImageError)
                    }
                }
            }
        }
    }

    @Test("The number of pixels is limited before memory is allocated")
    func pixelLimit() throws {
        #expect(try JPEG.decode(JPEGSample.colour, name: "image", pixelLimit: 140).width == 14)
        for file in [JPEGSample.colour, try Self.claimingEverything()] {
            #expect {
                try JPEG.decode(file, name: "image", pixelLimit: 139)
            } throws: { error in
                (error as? ImageError)?.code == .tooLarge
            }
        }
    }

    /// The sample with the largest size in its header.
    private static func claimingEverything() throws -> Data {
        var file = JPEGSample.colour
        let frame = try #require(file.firstRange(of: [0xff, 0xc0]))
        file.replaceSubrange(frame.lowerBound + 5..<frame.lowerBound + 9, with: [0xff, 0xdc, 0xff, 0xdc])
        return file
    }

    @Test("Real photographs have the size, means and corners that Pillow reads", .enabled(if: SharedMaterial.isPresent))
    func photographs() throws {
        for photograph in Photograph.known {
            let url = try SharedMaterial.url("data/clothing-small/test/\(photograph.name)")
            let image = try ImageFile.read(url)
            #expect((image.height, image.width) == (photograph.height, 400), "\(photograph.name)")
            for channel in 0..<3 {
                let values = stride(from: channel, to: image.bytes.count, by: 3).map { Double(image.bytes[$0]) }
                let mean = values.reduce(0, +) / Double(values.count)
                #expect(abs(mean - photograph.means[channel]) < 0.3, "\(photograph.name)")
                let corners = [(0, 0), (image.height - 1, image.width - 1)]
                for ((y, x), pixel) in zip(corners, [photograph.first, photograph.last]) {
                    #expect(abs(Int(image[y, x, channel]) - pixel[channel]) <= 2, "\(photograph.name)")
                }
            }
        }
    }

    @Test("A file is read by what it is, not by what it is called")
    func signature() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let image = noise(height: 4, width: 5)
        let url = folder.appendingPathComponent("image.jpg")
        try PNG.encode(image).write(to: url)
        #expect(try ImageFile.read(url) == image)
        try Data("GIF89a".utf8).write(to: url)
        for wrong in [url, folder, folder.appendingPathComponent("nothing.png"), URL(fileURLWithPath: "/dev/zero")] {
            #expect(throws: ImageError.self) { try ImageFile.read(wrong) }
        }
    }

    private static func worst(_ image: Image8, _ expected: [UInt8]) -> Int {
        guard image.bytes.count == expected.count else { return .max }
        return zip(image.bytes, expected).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
    }
}

/// What Pillow reads from a photograph of 400 columns.
private struct Photograph {
    let name: String
    let height: Int
    let means: [Double]
    let first: [Int]
    let last: [Int]

    static let known = [
        Photograph(
            name: "dress/c6bc821e-631a-4221-9d92-7c7685edebd0.jpg",
            height: 400,
            means: [179.24, 152.716, 131.7],
            first: [206, 180, 157],
            last: [158, 132, 109]
        ),
        Photograph(
            name: "t-shirt/172950bd-f639-4ce5-bc55-d17cea7b9705.jpg",
            height: 484,
            means: [128.064, 124.038, 112.644],
            first: [231, 226, 196],
            last: [210, 202, 163]
        ),
    ]
}
