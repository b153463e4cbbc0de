import Digests
import Foundation
import Images
import SharedMaterial
import Testing

@Suite("PNG files")
struct PNGTests {
    @Test("An image survives being encoded and decoded", arguments: [(1, 1), (3, 7), (64, 33)])
    func roundTrip(height: Int, width: Int) throws {
        let image = noise(height: height, width: width)
        #expect(try PNG.decode(PNG.encode(image), name: "noise") == image)
        #expect(try PNG.encode(image) == PNG.encode(image))
    }

    @Test("An image survives being written to a file")
    func file() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).png")
        defer { try? FileManager.default.removeItem(at: url) }
        let image = noise(height: 20, width: 10)
        try PNG.write(image, to: url)
        #expect(try PNG.read(url) == image)
    }

    @Test("Bytes that are not a PNG image, or not all of it, give a typed error")
    func malformed() throws {
        let data = try PNG.encode(noise(height: 20, width: 20))
        for length in [0, 4, 8, 20, 33, data.count / 2] {
            #expect { try PNG.decode(data.prefix(length), name: "cut") } throws: { error in
                (error as? ImageError)?.code == .malformed
            }
        }
        #expect(throws: ImageError.self) { try PNG.read(URL(fileURLWithPath: "/nonexistent/image.png")) }
    }

    @Test("A changed byte anywhere gives an image or a typed error")
    func fuzzed() throws {
        let data = try PNG.encode(noise(height: 6, width: 6))
        for index in data.indices {
            for change: UInt8 in [0x01, 0x80, 0xff] {
                var changed = data
                changed[index] ^= change
                do {
                    _ = try PNG.decode(changed, name: "changed")
                } catch {
                    #expect(error is ImageError)
                }
            }
        }
    }

    @Test("The number of pixels is limited before memory is allocated")
    func pixelLimit() throws {
        let data = try PNG.encode(noise(height: 20, width: 10))
        #expect(try PNG.decode(data, name: "image", pixelLimit: 200).width == 10)
        #expect { try PNG.decode(data, name: "image", pixelLimit: 199) } throws: { error in
            (error as? ImageError)?.code == .tooLarge
        }
    }

    @Test("Grey, palette and RGB files have the pixels that Pillow reads", .enabled(if: SharedMaterial.isPresent))
    func pngSuite() throws {
        let table = try String(contentsOf: SharedMaterial.url("data/manifest/png.tsv"), encoding: .utf8)
        var compared = 0
        for line in table.split(separator: "\n").dropFirst() {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard columns.count >= 8, columns[1] == "OK", columns[5].isEmpty, !columns[0].hasSuffix("16.png"),
                ["1", "L", "P", "RGB"].contains(columns[3]), columns[6] == "uint8"
            else { continue }
            // Damaged on purpose; Pillow overlooks some wrong checksums.
            if columns[0].contains("/x") { continue }
            let image = try PNG.read(SharedMaterial.url("data/\(columns[0])"))
            let pixels = stride(from: 0, to: image.bytes.count, by: 3).flatMap { image.bytes[$0..<$0 + 3] + [255] }
            #expect(SHA256.hexDigest(of: pixels).hasPrefix(columns[7]), "\(columns[0])")
            compared += 1
        }
        #expect(compared > 50)
    }
}

/// Pixels that look random.
func noise(height: Int, width: Int) -> Image8 {
    let bytes = (0..<height * width * 3).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    return Image8(height: height, width: width, bytes: bytes)
}
