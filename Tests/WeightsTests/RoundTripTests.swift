import Foundation
import Tensors
import Testing

@testable import Weights

@Suite("Writing and reading back")
struct RoundTripTests {
    private static func temporaryPath(_ suffix: String) -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("percept-\(UUID())\(suffix)").path
    }

    @Test("npy keeps shape and elements", arguments: [[], [0], [1], [7], [2, 3], [2, 1, 4, 5]])
    func npy(shape: [Int]) throws {
        let elements = (0..<shape.reduce(1, *)).map { Float($0) * 0.5 - 3 }
        let array = try NPY.read(ByteRegion(copying: NPY.encode(elements, shape: shape)), subject: "array")
        #expect(array.shape == shape)
        #expect(array.floats() == elements)
    }

    @Test("npz keeps names, shapes and elements")
    func npz() throws {
        let path = Self.temporaryPath(".npz")
        defer { try? FileManager.default.removeItem(atPath: path) }
        try NPZ.write([("a", [2, 2], [1, 2, 3, 4]), ("b/c", [], [5])], to: path)
        let npz = try NPZ(path: path)
        #expect(npz.names == ["a", "b/c"])
        #expect(try npz.array("a").floats() == [1, 2, 3, 4])
        #expect(try npz.array("b/c").shape == [])
        #expect(throws: WeightsError.self) { try npz.array("missing") }
    }

    @Test("safetensors keeps names, shapes, elements and metadata, and its arrays are views of the file")
    func safetensors() throws {
        let path = Self.temporaryPath(".safetensors")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let arrays: [(name: String, shape: [Int], elements: [Float])] = [
            ("z.weight", [3, 2], [1, 2, 3, 4, 5, 6]), ("a", [1], [-1]),
        ]
        let outputs = arrays.map { array in
            Safetensors.Output(name: array.name, shape: array.shape) { (body) throws(WeightsError) in
                let outcome = array.elements.withUnsafeBufferPointer { buffer in
                    Result { () throws(WeightsError) in try body(buffer) }
                }
                try outcome.get()
            }
        }
        var bytes = 0
        try Safetensors.write(outputs, metadata: ["note": "a \"quoted\" text"], to: path) { bytes += $0.count }
        let file = try Safetensors(path: path)
        #expect(file.metadata == ["note": "a \"quoted\" text"])
        #expect(file.tensors.names == ["z.weight", "a"])
        for array in arrays {
            let stored = try #require(file.tensors[array.name])
            #expect(stored.shape == array.shape)
            #expect(stored.floats() == array.elements)
            #expect(stored.float32Pointer != nil)
            #expect(Tensor(stored).elements == array.elements)
        }
        #expect(bytes == (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int))
    }

    @Test("element types are converted by value")
    func elementTypes() throws {
        func values(_ type: ElementType, _ bytes: [UInt8], bigEndian: Bool = false) throws -> [Double] {
            try StoredArray(
                type: type,
                shape: [bytes.count / type.size],
                isBigEndian: bigEndian,
                region: ByteRegion(copying: bytes),
                subject: "array"
            ).doubles()
        }
        #expect(try values(.float16, [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c]) == [1, -2, 0x1p-24, .infinity])
        #expect(try values(.bfloat16, [0x80, 0x3f, 0x20, 0xc1]) == [1, -10])
        #expect(try values(.int16, [0xff, 0xff, 0x01, 0x00]) == [-1, 1])
        #expect(try values(.int16, [0xff, 0xfe, 0x00, 0x01], bigEndian: true) == [-2, 1])
        #expect(try values(.uint8, [0, 255]) == [0, 255])
        #expect(try values(.int8, [0x80]) == [-128])
        #expect(try values(.float64, [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]) == [1])
        #expect(try values(.uint64, [UInt8](repeating: 0xff, count: 8)) == [0x1p64])
    }

    @Test("strides and offsets are honoured, and a view may not leave its memory")
    func strides() throws {
        let region = ByteRegion(copying: (0..<6).flatMap { value in withUnsafeBytes(of: Float(value)) { Array($0) } })
        let transposed = try StoredArray(
            type: .float32,
            shape: [3, 2],
            strides: [1, 3],
            region: region,
            subject: "view"
        )
        #expect(transposed.floats() == [0, 3, 1, 4, 2, 5])
        #expect(transposed.float32Pointer == nil)
        #expect(throws: WeightsError.self) {
            try StoredArray(type: .float32, shape: [3, 3], strides: [1, 3], region: region, subject: "view")
        }
        #expect(throws: WeightsError.self) {
            try StoredArray(type: .float32, shape: [2, 2], strides: [.max, .max], region: region, subject: "view")
        }
    }

    @Test("files larger than 4 GiB work")
    func largeFile() throws {
        let path = Self.temporaryPath(".safetensors")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let elements = 1_100_000_000
        let header =
            #"{"hole":{"dtype":"F32","shape":[\#(elements)],"data_offsets":[0,\#(elements * 4)]},"#
            + #""last":{"dtype":"F32","shape":[2],"data_offsets":[\#(elements * 4),\#(elements * 4 + 8)]}}"#
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        var bytes = withUnsafeBytes(of: UInt64(padded.utf8.count).littleEndian) { Array($0) } + Array(padded.utf8)
        let start = bytes.count + elements * 4
        // The middle of the file is a hole that takes no space on the disk.
        try #require(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(start))
        bytes = [Float(3), 4].flatMap { value in withUnsafeBytes(of: value) { Array($0) } }
        try file.write(contentsOf: Data(bytes))
        try file.close()
        let state = try Safetensors(path: path).tensors
        #expect(state["last"]?.floats() == [3, 4])
        #expect(state["hole"]?.count == elements)
        #expect(state["hole"]?.float32Pointer?[elements - 1] == 0)
    }
}
