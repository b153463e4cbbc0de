import Foundation
import HDF5
import Images
import SharedMaterial
import Testing
import Training
import Weights

@Suite("BData files", .enabled(if: SharedMaterial.isPresent))
struct BDataTests {
    private let folder: TemporaryFolder
    private let stimuli: URL

    init() throws {
        folder = try TemporaryFolder()
        stimuli = try SharedMaterial.url("fixtures/data/god")
    }

    @Test("A file of bdpy has its data, keys, header and the meaning of its labels")
    func sample() throws {
        let file = try BDataFile(contentsOf: SharedMaterial.url("data/bdpy-samples/examples/data/sample_vmap.h5"))
        #expect(file.samples == 8 && file.columns == 11 && file.keys == ["Data", "Label"])
        #expect(file.descriptions == ["1 = Data", "1 = Label"])
        #expect(try file.columns(of: "Data") == Array(0..<10) && file.columns(of: "Label") == [10])
        #expect(try file.column("Label") == [1, 3, 4, 2, 3, 1, 2, 4])
        #expect(abs(file.values(rows: [0], columns: [1])[0] - 0.18996984) < 1e-8)
        #expect(file.header["ctime"] == ["2019-11-05 17:19:55"])
        #expect(file.valueMaps["Label"]?[3] == "label-03" && file.valueMaps["Label"]?.count == 4)
    }

    /// Two runs of training, two of testing and one of imagery; three voxels, the last outside of the region.
    private struct Scan {
        // Rows of the lists of images.
        let trainingImages = [0, 3, 5, 3, 11, 0]
        var testImages = [4, 2, 0, 1, 3, 0, 1, 2, 3, 4]
        var kinds: [Double] { [1, 1, 1, 1, 1, 1, 3, 3] + testImages.map { _ in 2 } }
        var runs: [Double] { [1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2] }

        /// The response of a voxel in a row.
        func response(_ row: Int, _ voxel: Int) -> Double { sin(Double(7 * row + 3 * voxel)) * Double(row + 1) + 50 }
    }

    private func numbers(_ list: String) throws -> [Double] {
        try String(contentsOf: stimuli.appendingPathComponent(list), encoding: .utf8).split(whereSeparator: \.isNewline)
            .compactMap { line in line.split(separator: ",").first.flatMap { Double($0) } }
    }

    private func write(
        _ scan: Scan = Scan(),
        isOlder: Bool = false,
        offset: Double = 0,
        change: (inout [[Double]]) -> Void = { _ in }
    ) throws -> URL {
        let training = try numbers("imagenet_training_label.csv"), test = try numbers("imagenet_testing_label.csv")
        let identifiers =
            scan.trainingImages.map { training[$0] } + [test[0], test[1]] + scan.testImages.map { test[$0] }
        var rows = scan.kinds.indices.map { row in
            (0..<3).map { scan.response(row, $0) } + [scan.kinds[row], scan.runs[row], identifiers[row] + offset]
        }
        change(&rows)
        let keys = ["VoxelData", "ROI_VC", "DataType", "Run", isOlder ? "Label" : "stimulus_id"]
        let none = Double.nan
        let metadata: [Double] =
            [1, 1, 1, none, none, none] + [1, 1, 0, none, none, none] + [none, none, none, 1, none, none]
            + [none, none, none, none, 1, none] + [none, none, none, none, none, 1]
        let group = isOlder ? "metaData" : "metadata"
        let url = folder.url.appendingPathComponent("Subject.h5")
        try HDF5Writer.write(to: url) { (file) throws(HDF5Error) in
            try file.add(isOlder ? "dataSet" : "dataset", rows.flatMap { $0 }, shape: [rows.count, 6])
            try file.addGroup(group)
            try file.add("\(group)/key", keys)
            try file.add("\(group)/description", keys.map { "1 = \($0)" })
            try file.add("\(group)/value", metadata, shape: [5, 6])
        }
        return url
    }

    @Test("Responses are z-scored by run, imagery is dropped, and test trials are averaged", arguments: [false, true])
    func god(isOlder: Bool) throws {
        let scan = Scan()
        var options = GODDataset.Options()
        options.includesSingleTrials = true
        options.patchSize = 2
        let file = try write(isOlder: isOlder, offset: 1e-7)
        let data = try GODDataset(bdata: [file], stimuli: stimuli, options: options)
        #expect(data.training.imageIndices == scan.trainingImages)
        #expect(data.test.imageIndices == Array(0..<5) + scan.testImages)
        #expect(data.test.isSingleTrial == (0..<15).map { $0 >= 5 })

        // The same in the plainest way; two voxels are padded to four.
        var scored = [Int: [Double]]()
        for run in [0..<3, 3..<6, 8..<13, 13..<18] {
            for voxel in 0..<2 {
                let values = run.map { scan.response($0, voxel) }
                let mean = values.reduce(0, +) / Double(values.count)
                let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
                    .squareRoot()
                for (row, value) in zip(run, values) { scored[row, default: []].append((value - mean) / deviation) }
            }
        }
        let training = (0..<6).flatMap { row in (scored[row] ?? []) + (scored[row] ?? []) }
        // Each run has mean 0 and deviation 1, and so have all together.
        for (actual, expected) in zip(data.training.responses.values, training) {
            #expect(abs(Double(actual) - expected) < 1e-5)
        }
        #expect(data.training.responses.columns == 4)
        for (trial, image) in scan.testImages.enumerated() {
            let row = data.test.responses[5 + trial]
            for (actual, expected) in zip(row, scored[8 + trial] ?? []) {
                #expect(abs(Double(actual) - expected) < 1e-5)
            }
            let trials = scan.testImages.indices.filter { scan.testImages[$0] == image }
            let mean = trials.reduce(0.0) { $0 + (scored[8 + $1]?[1] ?? .nan) } / Double(trials.count)
            #expect(abs(Double(data.test.responses[image][image * 4 + 1]) - mean) < 1e-5)
        }
    }

    @Test("Several subjects are stacked")
    func subjects() throws {
        let file = try write()
        let data = try GODDataset(bdata: [file, file], stimuli: stimuli)
        #expect(data.training.responses.rows == 12 && data.test.averagedRows.count == 10)
        #expect(data.training.responses.columns == 16)
        #expect(throws: DatasetError.self) { try GODDataset(bdata: [], stimuli: stimuli) }
    }

    @Test("A voxel that never varies in a run is 0 there")
    func constant() throws {
        let file = try write { rows in for row in 0..<3 { rows[row][0] = 5 } }
        let values = try GODDataset(bdata: [file], stimuli: stimuli).training.responses
        let first = values[0].first ?? .nan
        #expect(first.isFinite && (1..<3).allSatisfy { values[$0].first == first })
    }

    @Test("Unknown stimuli and regions, missing parts and numbers that are none give errors that name them")
    func errors() throws {
        var options = GODDataset.Options()
        options.region = "V9"
        let files: [(URL, GODDataset.Options, String)] = [
            (try copy { _ in }, options, "ROI_V9"),
            (try copy { rows in rows[2][5] += 1 }, .init(), "row 2"),
            (try copy { rows in rows[4][1] = .nan }, .init(), "rows 3 to 5"),
            (try copy { rows in rows[4][3] = .nan }, .init(), "DataType"),
            (try copy { rows in for row in 8..<18 { rows[row][3] = 3 } }, .init(), "DataType 2"),
            (
                try copy { rows in
                    let (lost, other) = (rows[8][5], rows[9][5])
                    for row in 8..<18 where rows[row][5] == lost { rows[row][5] = other }
                }, .init(), "image 4"
            ),
        ]
        for (index, (file, options, mention)) in files.enumerated() {
            #expect("file \(index)") {
                try GODDataset(bdata: [file], stimuli: stimuli, options: options)
            } throws: { error in
                error is DatasetError && "\(error)".contains(mention)
            }
        }
    }

    private func copy(_ change: (inout [[Double]]) -> Void) throws -> URL {
        let copy = folder.url.appendingPathComponent("\(UUID().uuidString).h5")
        try FileManager.default.moveItem(at: write(change: change), to: copy)
        return copy
    }

    @Test("Files that are no BData are errors", arguments: ["empty", "keys", "transposed", "map"])
    func otherFiles(kind: String) throws {
        let url = folder.url.appendingPathComponent("other.h5")
        try HDF5Writer.write(to: url) { (file) throws(HDF5Error) in
            guard kind != "empty" else { return }
            try file.add("dataset", [1, 2, 3, 4, 5, 6], shape: kind == "transposed" ? [3, 2] : [2, 3])
            try file.addGroup("metadata")
            try file.add("metadata/key", kind == "keys" ? ["a", "a"] : ["a", "b"])
            try file.add("metadata/value", [1, 1, 0, 0, 0, 1], shape: [2, 3])
            guard kind == "map" else { return }
            try file.addGroup("vmap")
            try file.addGroup("vmap/a")
            try file.add("vmap/a/one", ["no number"], isList: false)
        }
        #expect {
            try BDataFile(contentsOf: url)
        } throws: { error in
            error is DatasetError && "\(error)".contains("other.h5")
        }
    }
}
