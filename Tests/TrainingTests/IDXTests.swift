import CZlib
import Foundation
import Images
import SharedMaterial
import Testing
import Training

@Suite("MNIST's IDX files")
struct IDXTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// An IDX file of bytes.
    private static func file(_ shape: [Int], _ elements: [UInt8], type: UInt8 = 8) -> [UInt8] {
        [0, 0, type, UInt8(shape.count)]
            + shape.flatMap { extent in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: extent >> $0) } } + elements
    }

    private static let images = file([2, 2, 3], Array(1...12))
    private static let labels = file([2], [4, 1])

    @Test("Images and labels are paired, plain or compressed", arguments: [false, true], [false, true])
    func pairs(imagesCompressed: Bool, labelsCompressed: Bool) throws {
        let (images, labels) = (Self.images, Self.labels)
        let end = { (isCompressed: Bool) in isCompressed ? ".gz" : "" }
        let file = try folder.write(
            imagesCompressed ? Self.compressed(images) : images,
            to: "train-images-idx3-ubyte\(end(imagesCompressed))"
        )
        try folder.write(
            labelsCompressed ? Self.compressed(labels) : labels,
            to: "train-labels-idx1-ubyte\(end(labelsCompressed))"
        )
        for url in [file, folder.url] {
            let set = try IDXImages.read(url)
            #expect(set.images.map(\.description) == ["Image8 2×3", "Image8 2×3"])
            #expect(set.images[1][1, 2, 0] == 12 && set.images[1][1, 2, 2] == 12)
            #expect(set.classes == [4, 1] && set.classNames == ["0", "1", "2", "3", "4"])
            #expect(set.names == ["train[0]", "train[1]"])
        }
        #expect(try IDXImages.read(file, withLabels: false).classes.isEmpty)
    }

    @Test("In a folder with several parts, one must be named")
    func parts() throws {
        for part in ["train", "t10k"] {
            try folder.write(Self.images, to: "\(part)-images-idx3-ubyte")
            try folder.write(Self.labels, to: "\(part)-labels-idx1-ubyte")
        }
        #expect(throws: DatasetError.self) { try IDXImages.read(folder.url) }
        #expect(try IDXImages.read(folder.url, part: "t10k").names[0] == "t10k[0]")
        #expect(throws: DatasetError.self) { try IDXImages.read(folder.url, part: "validation") }
    }

    @Test("Missing and unfitting labels are errors that name the file")
    func wrongLabels() throws {
        let file = try folder.write(Self.images, to: "a-images-idx3-ubyte")
        #expect {
            try IDXImages.read(file)
        } throws: { error in
            "\(error)".contains("a-labels-idx1-ubyte")
        }
        try folder.write(Self.file([3], [1, 2, 3]), to: "a-labels-idx1-ubyte")
        #expect {
            try IDXImages.read(file)
        } throws: { error in
            (error as? DatasetError)?.code == .inconsistent
        }
    }

    @Test("A file cut short anywhere, or with more behind, is an error", arguments: [false, true])
    func lengths(isCompressed: Bool) throws {
        let whole = isCompressed ? Self.compressed(Self.images) : Self.images
        #expect(try IDXFile(Data(whole), name: "whole").elements == Array(1...12))
        for length in 0..<whole.count {
            #expect(throws: DatasetError.self, "\(length) bytes") {
                try IDXFile(Data(whole.prefix(length)), name: "cut")
            }
        }
        let longer = isCompressed ? Self.compressed(Self.images + [0]) : Self.images + [0]
        #expect(throws: DatasetError.self) { try IDXFile(Data(longer), name: "longer") }
    }

    @Test("A changed byte in compressed data is an error, never other numbers")
    func changed() throws {
        let whole = Self.compressed(Self.images)
        // The time in the header of gzip and the name of the system mean nothing.
        for index in whole.indices where !(4..<10).contains(index) {
            var damaged = whole
            damaged[index] ^= 0x10
            #expect(throws: DatasetError.self, "byte \(index)") { try IDXFile(Data(damaged), name: "damaged") }
        }
    }

    @Test("Claims that the file cannot keep, or beyond the limit, are refused before memory is allocated")
    func claims() {
        let huge = 0xffff_ffff
        for shape in [[huge, huge, huge], [huge], [1 << 20, 1 << 10], [1 << 24]] {
            let file = Self.file(shape, [1, 2, 3])
            #expect(throws: DatasetError.self) { try IDXFile(Data(file), name: "plain") }
            #expect(throws: DatasetError.self) { try IDXFile(Data(Self.compressed(file)), name: "compressed") }
        }
        // What is compressed well may still be too much.
        let zeros = Self.compressed(Self.file([1 << 20], [UInt8](repeating: 0, count: 1 << 20)))
        #expect(throws: DatasetError.self) { try IDXFile(Data(zeros), name: "bomb", limit: 1 << 19) }
    }

    @Test("Other types of elements and other files are errors")
    func otherFiles() {
        for bytes in [
            Self.file([2], [1, 2], type: 0x0d), Array("not an IDX file".utf8), [], [0, 0, 8, 0], [0, 0, 8, 9],
        ] {
            #expect(throws: DatasetError.self) { try IDXFile(Data(bytes), name: "other") }
        }
    }

    @Test("The test digits of MNIST have their known counts", .enabled(if: SharedMaterial.isPresent))
    func digits() throws {
        let set = try IDXImages.read(SharedMaterial.url("data/mnist-t10k"))
        #expect(set.images.count == 10_000 && set.images[0].height == 28 && set.images[0].width == 28)
        // How often each digit occurs is published with the database.
        var counts = [Int](repeating: 0, count: 10)
        for digit in set.classes { counts[digit] += 1 }
        #expect(counts == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
        #expect(set.classes.prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    }

    @Test("Fashion-MNIST has 1000 images of each of 10 classes", .enabled(if: SharedMaterial.isPresent))
    func fashion() throws {
        let folder = try SharedMaterial.url("data/fashion-mnist")
        let labels = try IDXFile(contentsOf: folder.appendingPathComponent("t10k-labels-idx1-ubyte.gz"))
        let images = try IDXFile(contentsOf: folder.appendingPathComponent("t10k-images-idx3-ubyte.gz"))
        #expect(labels.shape == [10_000] && images.shape == [10_000, 28, 28])
        #expect((0..<10).allSatisfy { label in labels.elements.count { $0 == label } == 1000 })
    }

    /// The bytes as gzip writes them.
    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        deflateInit2_(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        defer { deflateEnd(&stream) }
        var input = bytes
        return input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            return [UInt8](unsafeUninitializedCapacity: bytes.count + 100) { target, count in
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                _ = deflate(&stream, Z_FINISH)
                count = target.count - Int(stream.avail_out)
            }
        }
    }
}
