import Foundation
import Testing
import Weights

@Suite("Python objects in npy files")
struct NumPyObjectTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).npy").path

    /// A pickle of protocol 2: an array of one object, a dictionary with an array of two int16, written by hand.
    private func file(bytes: [UInt8]) -> [UInt8] {
        func text(_ value: String) -> [UInt8] { [0x58, UInt8(value.utf8.count), 0, 0, 0] + Array(value.utf8) }
        func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
        func array(type: String, shape: [UInt8], content: [UInt8]) -> [UInt8] {
            let empty = global("numpy.core.multiarray", "_reconstruct") + Array("(".utf8) + global("numpy", "ndarray")
            let dtype =
                global("numpy", "dtype") + text(type) + Array("K\0K\u{1}".utf8) + [0x87] + Array("R(K\u{3}".utf8)
                + text("<") + Array("NNNtb".utf8)
            return empty + Array("K\0".utf8) + [0x85] + text("b") + Array("tR(K\u{1}".utf8) + shape + dtype + [0x89]
                + content + Array("tb".utf8)
        }
        let encoded = global("_codecs", "encode") + text(String(decoding: bytes, as: UTF8.self)) + text("latin1")
        let inner = array(type: "i2", shape: [0x4b, 2, 0x85], content: encoded + [0x86, 0x52])
        let dictionary = [0x7d] + text("image") + inner + Array("s".utf8)
        let outer = array(type: "O8", shape: [0x29], content: [0x5d] + dictionary + Array("a".utf8))
        let header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + [0x80, 2]
            + outer
            + Array(".".utf8)
    }

    @Test("A dictionary of arrays is read without Python")
    func dictionary() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let content = file(bytes: [1, 0, 2, 0])
        try Data(content).write(to: URL(fileURLWithPath: path))
        let entry = try #require(try NPY.objects(path: path).first?["image"])
        let array = try #require(try entry.numpyArray(subject: "image"))
        #expect(array.shape == [2])
        #expect(try array.integers() == [1, 2])
        for length in 0..<content.count {
            try Data(content.prefix(length)).write(to: URL(fileURLWithPath: path))
            #expect(throws: WeightsError.self) { try NPY.objects(path: path) }
        }
    }

    @Test("Too few bytes for the shape are an error")
    func shortContent() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(file(bytes: [1, 0, 2])).write(to: URL(fileURLWithPath: path))
        let entry = try #require(try NPY.objects(path: path).first?["image"])
        #expect(throws: WeightsError.self) { try entry.numpyArray(subject: "image") }
    }
}
