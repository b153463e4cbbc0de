import Foundation
import Images
import SharedMaterial
import Testing
import Training
import Weights

@Suite("Paired data in a npz file")
struct NPZDatasetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ changes: [String: (shape: [Int], elements: [Float])?] = [:]) throws -> URL {
        var arrays: [String: (shape: [Int], elements: [Float])] = [
            "fmri_train": ([3, 2], [1, 2, 3, 4, 5, 6]), "fmri_test": ([1, 2], [7, 8]),
            "image_train": ([3, 2, 2], (0..<12).map { 20 * Float($0) }),
            "image_test": ([1, 2, 2, 3], (0..<12).map(Float.init)),
        ]
        for (name, change) in changes { arrays[name] = change }
        let url = folder.url.appendingPathComponent("paired.npz")
        let sorted = arrays.sorted { $0.key < $1.key }.map {
            (name: $0.key, shape: $0.value.shape, elements: $0.value.elements)
        }
        try NPZ.write(sorted, to: url.path)
        return url
    }

    @Test("Rows keep their values and their images, grey or coloured")
    func pairing() throws {
        let data = try NPZDataset.read(write())
        #expect(data.name == "paired" && data.training.responses.values == [1, 2, 3, 4, 5, 6])
        #expect(
            data.training.image(ofRow: 2)
                == Image8(height: 2, width: 2, bytes: [160, 180, 200, 220].flatMap { [$0, $0, $0] })
        )
        #expect(data.test.image(ofRow: 0).bytes == Array(0..<12))
        #expect(data.training.imageClass(ofRow: 0) == nil && data.training.stimuli.names[2] == "train[2]")
    }

    @Test("Arrays that are missing or do not fit give errors that name them")
    func inconsistencies() throws {
        let changes: [(String, (shape: [Int], elements: [Float])?, String)] = [
            ("fmri_test", nil, "fmri_test"), ("image_train", nil, "image_train"),
            ("fmri_test", ([1, 3], [1, 2, 3]), "3"), ("fmri_train", ([2, 2], [1, 2, 3, 4]), "fmri_train"),
            ("fmri_train", ([6], [1, 2, 3, 4, 5, 6]), "fmri_train"),
            ("fmri_train", ([3, 2], [1, 2, .nan, 4, 5, 6]), "row 1, column 0"),
            ("image_test", ([1, 2], [1, 2]), "image_test"), ("image_test", ([1, 2, 0], []), "image_test"),
            ("fmri_test", ([0, 2], []), "fmri_test"), ("label_train", ([3], [1, 2, 3]), "label_train"),
        ]
        for (name, change, mention) in changes {
            let url = try write([name: change])
            #expect("\(name)") {
                try NPZDataset.read(url)
            } throws: { error in
                "\(error)".contains(mention)
            }
        }
        #expect(throws: (any Error).self) { try NPZDataset.read(folder.url.appendingPathComponent("nothing.npz")) }
        let whole = try Data(contentsOf: write())
        for length in stride(from: 0, to: whole.count, by: 97) {
            let cut = try folder.write(whole.prefix(length), to: "cut.npz")
            #expect(throws: (any Error).self) { try NPZDataset.read(cut) }
        }
    }

    @Test("The digits of van Gerven have the published split", .enabled(if: SharedMaterial.isPresent))
    func digits() throws {
        let url = try SharedMaterial.url("data/digits69/digits69.npz")
        let data = try NPZDataset.read(url)
        #expect(data.training.responses.description == "ResponseMatrix 90×3092" && data.test.responses.rows == 10)
        #expect(data.test.responses.columns == 3092)
        #expect(data.training.stimuli.classNames == ["6", "9"] && data.test.stimuli.classNames == ["6", "9"])
        let archive = try NPZ(path: url.path)
        #expect(data.training.responses.values == (try archive.array("fmri_train").floats()))
        let digits = try archive.array("digit_train").integers()
        #expect(digits == (0..<90).map { data.training.imageClass(ofRow: $0) == 0 ? 6 : 9 })
        let pixels = try archive.array("image_test").bytes()
        #expect(
            pixels
                == (0..<10).flatMap { row in
                    data.test.image(ofRow: row).bytes.enumerated().filter { $0.offset % 3 == 1 }.map(\.element)
                }
        )
    }
}
