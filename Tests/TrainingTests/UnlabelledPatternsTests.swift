import Foundation
import HDF5
import Settings
import Testing
import Weights

@testable import Training

@Suite("Patterns without images")
struct UnlabelledPatternsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func npz(_ arrays: [(name: String, shape: [Int], elements: [Float])]) throws -> URL {
        let url = folder.url.appendingPathComponent("patterns.npz")
        try NPZ.write(arrays, to: url.path)
        return url
    }

    @Test("An npz file's rows are taken but for those without any number")
    func npz() throws {
        let rows: [Float] = [.nan, .nan, 1, 2, 3, 4]
        let read = try UnlabelledPatterns(npz: npz([("other", [1], [0]), ("patterns", [3, 2], rows)]))
        #expect(read.responses.values == [1, 2, 3, 4] && read.sharesVoxels)
        #expect(try UnlabelledPatterns(npz: npz([("fmri_train", [1, 2], [5, 6])])).responses.values == [5, 6])
    }

    @Test("Rows that lack some numbers, arrays that are no matrix and files without patterns are errors")
    func errors() throws {
        let files: [(name: String, shape: [Int], elements: [Float])] = [
            ("patterns", [1, 2], [.nan, 1]), ("patterns", [2], [1, 2]), ("patterns", [2, 0], []),
            ("other", [1, 1], [1]),
        ]
        for file in files {
            #expect(throws: DatasetError.self, "\(file)") { try UnlabelledPatterns(npz: npz([file])) }
        }
    }

    @Test("Of an HDF5 file the rows to learn from are taken, all of one without a split")
    func hdf5() throws {
        let url = folder.url.appendingPathComponent("own.h5")
        for (split, expected) in [([UInt8]?.none, [Float](arrayLiteral: 1, 2, 3, 4)), ([1, 0], [3, 4])] {
            try HDF5Writer.write(to: url) { (file) throws(HDF5Error) in
                try file.add("patterns", [Float](arrayLiteral: 1, 2, 3, 4), shape: [2, 2])
                if let split { try file.add("split", split, shape: [2]) }
            }
            #expect(try UnlabelledPatterns(hdf5: url).responses.values == expected)
        }
    }

    /// What a small training makes of unlabelled patterns, beside its own.
    private func material(_ unlabelled: UnlabelledPatterns) throws -> TrainingMaterial {
        let recipe = try SmallTraining.recipe("patterns.standardization=voxel", "simulation.share=0")
        let pairs = SmallTraining.pairs()
        return try TrainingMaterial(recipe: recipe, pairs: pairs, prior: nil, unlabelled: unlabelled)
    }

    @Test("Those of the pairs' voxels are scaled as the pairs are, and come before them in the first phase")
    func sameVoxels() throws {
        let pairs = SmallTraining.pairs(6, seed: 3)
        let material = try material(UnlabelledPatterns(pairs.responses))
        let prepared = try #require(material.unlabelled)
        let expected = try material.standardization.apply(pairs.responses)
        #expect(Array(prepared.values.prefix(expected.values.count)) == expected.values)
        #expect(Array(prepared.values.dropFirst(expected.values.count)) == material.patterns.values)
        #expect(material.unlabelledCount == 6 + material.patterns.rows)
        let narrow = ResponseMatrix(rows: 2, columns: 9, values: Array(repeating: 0, count: 18))
        #expect(throws: DatasetError.self) { try self.material(UnlabelledPatterns(narrow)) }
        let none = ResponseMatrix(rows: 0, columns: 10, values: [])
        #expect(throws: DatasetError.self) { try self.material(UnlabelledPatterns(none)) }
    }

    @Test("Those of other people are scaled by their own statistics and brought to the encoder's width")
    func otherVoxels() throws {
        // Of each voxel the values are 100 ± 2: z-scores of ±1.
        for columns in [5, 40] {
            let values = (0..<4 * columns).map { Float(($0 / columns) % 2 == 0 ? 98 : 102) }
            let others = ResponseMatrix(rows: 4, columns: columns, values: values)
            let material = try material(UnlabelledPatterns(others, sharesVoxels: false))
            let prepared = try #require(material.unlabelled)
            #expect(prepared.columns == 12)
            #expect(prepared[0].allSatisfy { $0 == -1 } && prepared[1].allSatisfy { $0 == 1 })
        }
    }

    @Test("Where patterns are reduced to features, those of the same voxels are too; others cannot be")
    func reduced() throws {
        let recipe = try SmallTraining.recipe("patterns.reduction=features", "simulation.folds=4")
        let pairs = SmallTraining.pairs()
        func material(sharesVoxels: Bool) throws -> TrainingMaterial {
            let unlabelled = UnlabelledPatterns(pairs.responses, sharesVoxels: sharesVoxels)
            let prior = SmallTraining.images(24, seed: 7)
            return try TrainingMaterial(recipe: recipe, pairs: pairs, prior: prior, unlabelled: unlabelled)
        }
        let same = try material(sharesVoxels: true)
        let expected = try same.standardization.apply(pairs.responses)
        #expect(try #require(same.unlabelled).values.prefix(expected.values.count) == expected.values[...])
        #expect(throws: TrainingError.self) { try material(sharesVoxels: false) }
    }
}
