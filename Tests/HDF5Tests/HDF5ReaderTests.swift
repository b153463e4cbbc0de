import Digests
import Foundation
import HDF5
import SharedMaterial
import Testing

@Suite("HDF5 files")
struct HDF5ReaderTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hdf5-\(UUID().uuidString)")

    private func url(_ name: String) throws -> URL {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appendingPathComponent(name)
    }

    private func write(_ name: String = "file.h5") throws -> URL {
        let url = try url(name)
        try HDF5Writer.write(to: url) { (file) throws(HDF5Error) in
            try file.add("floats", [1.5, -2, .infinity, 0, 3, 4] as [Float], shape: [2, 3])
            try file.add("doubles", [0.1, .nan], shape: [2])
            try file.addGroup("group")
            try file.add("group/integers", [.min, 0, .max] as [Int64], shape: [3, 1])
            try file.add("group/bytes", [0, 7, 255] as [UInt8], shape: [3])
            try file.add("texts", ["", "voxel", "µm"])
            try file.add("text", ["alone"], isList: false)
            try file.add("number", [42] as [Int64], shape: [])
            try file.add("nothing", [] as [Float], shape: [0, 4])
        }
        return url
    }

    @Test("What was written is read: numbers of each type, texts, groups, single and no elements")
    func roundTrip() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try HDF5Reader(write())
        let floats = try file.numbers("floats", as: Float.self)
        #expect(floats.shape == [2, 3] && floats.elements == [1.5, -2, .infinity, 0, 3, 4])
        let doubles = try file.numbers("doubles", as: Double.self).elements
        #expect(doubles[0] == 0.1 && doubles[1].isNaN)
        #expect(try file.numbers("group/integers").elements == [Int64.min, 0, .max])
        #expect(try file.numbers("/group/bytes").elements == [0, 7, 255] as [UInt8])
        #expect(try file.texts("texts").elements == ["", "voxel", "µm"])
        #expect(try file.texts("text").shape == [] && file.texts("text").elements == ["alone"])
        #expect(try file.numbers("number", as: Int64.self).elements == [42])
        #expect(try file.numbers("nothing", as: Float.self).shape == [0, 4])
        #expect(try file.names() == ["doubles", "floats", "group", "nothing", "number", "text", "texts"])
        #expect(try file.names(in: "group") == ["bytes", "integers"])
        #expect(file.contains("group/bytes") && !file.contains("group/bits") && !file.contains("floats/bytes"))
        #expect(try file.shape(of: "floats") == [2, 3])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file.h5"])
    }

    @Test("Numbers are converted, but fractions never to integers and texts never to numbers")
    func conversions() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try HDF5Reader(write())
        #expect(try file.numbers("group/bytes", as: Double.self).elements == [0, 7, 255])
        #expect(try file.numbers("group/bytes", as: Int64.self).elements == [0, 7, 255])
        #expect(try file.numbers("floats", as: Double.self).elements[0] == 1.5)
        let failures: [(HDF5Error.Code, () throws -> Void)] = [
            (.unsupported, { _ = try file.numbers("floats", as: Int64.self) }),
            (.unsupported, { _ = try file.numbers("texts", as: Double.self) }),
            (.unsupported, { _ = try file.texts("floats") }),
            (.missing, { _ = try file.numbers("nowhere", as: Double.self) }),
            (.missing, { _ = try file.names(in: "nowhere") }),
            (.damaged, { _ = try file.numbers("group", as: Double.self) }),
            (.damaged, { _ = try file.names(in: "floats") }),
            (.tooLarge, { _ = try file.numbers("floats", as: Double.self, limit: 5) }),
            (.tooLarge, { _ = try file.texts("texts", limit: 14) }),
        ]
        for (index, (code, body)) in failures.enumerated() {
            #expect("failure \(index)") { try body() } throws: { ($0 as? HDF5Error)?.code == code }
        }
    }

    @Test("A failure on the way leaves the file as it was")
    func atomic() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = try write()
        let before = try Data(contentsOf: url)
        #expect(throws: HDF5Error.self) {
            try HDF5Writer.write(to: url) { (file) throws(HDF5Error) in
                try file.add("same", [1] as [Float], shape: [1])
                try file.add("same", [2] as [Float], shape: [1])
            }
        }
        #expect(try Data(contentsOf: url) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file.h5"])
        let nowhere = folder.appendingPathComponent("nowhere/file.h5")
        #expect {
            try HDF5Writer.write(to: nowhere) { _ in }
        } throws: { error in
            (error as? HDF5Error)?.code == .unwritable
        }
    }

    @Test("What is no HDF5 file, or is cut short, is a typed error")
    func damaged() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole = try Data(contentsOf: write())
        for length in [0, 1, 8, 47, 48, 100, whole.count / 2, whole.count - 1] {
            let cut = try url("cut.h5")
            try whole.prefix(length).write(to: cut)
            #expect(throws: HDF5Error.self, "\(length) bytes") {
                let file = try HDF5Reader(cut)
                for name in ["floats", "doubles", "group/integers", "group/bytes"] {
                    _ = try file.numbers(name, as: Double.self)
                }
                _ = try file.texts("texts")
            }
        }
        for wrong in [folder, folder.appendingPathComponent("nothing.h5"), URL(fileURLWithPath: "/dev/zero")] {
            #expect(throws: HDF5Error.self) { try HDF5Reader(wrong) }
        }
    }

    @Test(
        "Files of other programs, old and new, plain, in chunks and compressed",
        .enabled(if: SharedMaterial.isPresent)
    )
    func otherPrograms() throws {
        let expected = (0..<336).map(Double.init)
        for (name, sets) in [
            ("chunked", ["dataset1"]), ("compressed", ["dataset1", "dataset2", "dataset3"]),
        ] {
            let file = try HDF5Reader(SharedMaterial.url("data/fixtures/hdf5-pyfive/tests/\(name).hdf5"))
            for set in sets {
                let array = try file.numbers(set, as: Double.self)
                #expect(array.shape == [21, 16] && array.elements == expected, "\(name): \(set)")
            }
        }
        let text = try HDF5Reader(SharedMaterial.url("data/fixtures/hdf5-h5py/vlen_string_dset.h5"))
        #expect(try text.texts(text.names()[0]).elements.count > 0)
    }

    @Test("Every sample file opens, and its parts are read or refused", .enabled(if: SharedMaterial.isPresent))
    func samples() throws {
        let table = try String(contentsOf: SharedMaterial.url("data/manifest/hdf5.tsv"), encoding: .utf8)
        var compared = 0
        for line in table.split(separator: "\n").dropFirst() {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            let file = try HDF5Reader(SharedMaterial.url("data/\(columns[0])"))
            for name in try file.names() {
                _ = try? file.names(in: name)
                _ = try? file.texts(name)
                guard let array = try? file.numbers(name, as: Float.self) else { continue }
                // Of files with one set, the manifest has the digest of its numbers; these are of 32 bits.
                guard columns[2] == "1", columns[0].contains("/b") else { continue }
                let bytes = array.elements.flatMap { number in withUnsafeBytes(of: number.bitPattern) { Array($0) } }
                #expect(SHA256.hexDigest(of: bytes).hasPrefix(columns[7]), "\(columns[0])")
                compared += 1
            }
        }
        #expect(compared == 9)
    }
}
