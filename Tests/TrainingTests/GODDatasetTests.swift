import Foundation
import SharedMaterial
import Testing
import Training
import Weights

@Suite("Generic Object Decoding", .enabled(if: SharedMaterial.isPresent))
struct GODDatasetTests {
    private let source: URL

    init() throws {
        source = try SharedMaterial.url("fixtures/data/god")
    }

    @Test("A training row has the image and the class that arr_3 names")
    func trainingImages() throws {
        let dataset = try GODDataset(contentsOf: source, subjects: ["sbj_2"])
        let order = try NPZ(path: source.appendingPathComponent("sbj_2.npz").path).array("arr_3").integers()
        #expect(dataset.training.imageIndices == order)
        for (row, index) in order.enumerated() {
            let synset = try #require(dataset.training.category(ofRow: row)).synset
            #expect(dataset.training.stimuli.names[index].hasPrefix(synset))
        }
    }

    @Test("Single trials have the images that arr_4 names, and follow the averages")
    func singleTrials() throws {
        var options = GODDataset.Options()
        options.includesSingleTrials = true
        let test = try GODDataset(contentsOf: source, subjects: ["sbj_1", "sbj_2"], options: options).test
        let archive = try NPZ(path: source.appendingPathComponent("sbj_1.npz").path)
        let (averages, trials) = (try archive.array("arr_2").shape[0], try archive.array("arr_4").integers())
        #expect(Array(test.imageIndices.prefix(averages + trials.count)) == Array(0..<averages) + trials)
        #expect(test.averagedRows.count == 2 * averages)
        #expect(test.isSingleTrial[averages] && !test.isSingleTrial[averages - 1])
    }

    @Test("Test rows keep their scale as released, or take that of the training rows")
    func testNormalization() throws {
        let archive = try NPZ(path: source.appendingPathComponent("sbj_1.npz").path)
        let mask = try archive.array("VC").integers()
        let first = try #require(mask.firstIndex(of: 1))
        let raw = try archive.array("arr_2").floats()[first]
        var options = GODDataset.Options()
        let released = try GODDataset(contentsOf: source, subjects: ["sbj_1"], options: options).test
        #expect(abs(released.responses.values[0] - raw) < 1e-5)

        options.testNormalization = .trainingStatistics
        let honest = try GODDataset(contentsOf: source, subjects: ["sbj_1"], options: options)
        let training = try archive.array("arr_0").floats()[first]
        // Training and test go through the same affine map.
        let other = try archive.array("arr_0").floats()[first + 1]
        let values = honest.training.responses.values
        let slope = (values[1] - values[0]) / (other - training)
        #expect(abs(honest.test.responses.values[0] - (values[0] + slope * (raw - training))) < 1e-4)
    }

    @Test("All subjects have the width of the widest")
    func commonWidth() throws {
        let dataset = try GODDataset(contentsOf: source, subjects: GODDataset.subjects(in: source))
        #expect(dataset.training.responses.columns == dataset.test.responses.columns)
        #expect(dataset.training.responses.columns % 16 == 0)
        #expect(dataset.training.responses.rows == dataset.training.imageIndices.count)
    }

    @Test("A category without a class is an error, not a lost row")
    func unmatchedCategory() throws {
        let folder = try ChangedCopy(of: source)
        try folder.change("imagenet_class_index.json") { $0.replacingOccurrences(of: "n01568892", with: "n99999999") }
        #expect {
            try GODDataset(contentsOf: folder.url, subjects: ["sbj_1"])
        } throws: { error in
            (error as? DatasetError)?.code == .unknownName && "\(error)".contains("n01568892")
        }
    }

    @Test("Lists, regions and subjects that do not fit give typed errors")
    func inconsistencies() throws {
        let folder = try ChangedCopy(of: source)
        try folder.change("imagenet_testing_label.csv") { String($0.split(whereSeparator: \.isNewline)[0]) }
        #expect(throws: DatasetError.self) { try GODDataset(contentsOf: folder.url, subjects: ["sbj_1"]) }
        try folder.change("imagenet_testing_label.csv") { _ in "no number,x\n" }
        #expect(throws: DatasetError.self) { try GODDataset(contentsOf: folder.url, subjects: ["sbj_1"]) }
        var options = GODDataset.Options()
        options.region = "V9"
        #expect(throws: DatasetError.self) {
            try GODDataset(contentsOf: source, subjects: ["sbj_1"], options: options)
        }
        #expect(throws: (any Error).self) { try GODDataset(contentsOf: source, subjects: ["sbj_9"]) }
        #expect(throws: DatasetError.self) { try GODDataset(contentsOf: source, subjects: []) }
    }

    @Test("Classes are numbered in the order of the file, and the first entry of a synset counts")
    func classOrder() throws {
        let folder = try ChangedCopy(of: source)
        try folder.change("index.json") { _ in
            #"{"9": ["n00000003", "a \"quoted\": {name}"], "0": ["n00000001", "n00000002", "b"], "4": ["n00000003", "c"]}"#
        }
        let index = try ImageNetClassIndex(contentsOf: folder.url.appendingPathComponent("index.json"))
        #expect(index["n00000003"] == 0 && index["n00000001"] == 1 && index["n00000002"] == 1)
        #expect(index["b"] == nil)
    }
}
