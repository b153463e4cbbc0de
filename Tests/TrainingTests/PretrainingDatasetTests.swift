import Foundation
import SharedMaterial
import Tensors
import Testing
import Training

@Suite("Pre-training data")
struct PretrainingDatasetTests {
    @Test("All subjects and the appended rows have one width", .enabled(if: SharedMaterial.isPresent))
    func combined() throws {
        let hcp = try SharedMaterial.url("fixtures/data/hcp/npz")
        let god = try SharedMaterial.url("fixtures/data/god")
        let appended = try GODDataset(contentsOf: god, subjects: ["sbj_1", "sbj_2"]).training.responses
        let data = try PretrainingDataset.load(hcp: hcp, appending: appended)
        let subjects = try HCPDataset.subjects(in: hcp)
        #expect(subjects == subjects.sorted() && !subjects.isEmpty)
        let first = try HCPDataset.samples(subject: subjects[0], in: hcp)
        #expect(data.columns == max(first.columns, appended.columns))
        #expect(data.selecting(rows: Array(0..<first.rows)) == first.fitted(toWidth: data.columns))
        let last = data.selecting(rows: Array(data.rows - appended.rows..<data.rows))
        #expect(last == appended.fitted(toWidth: data.columns))
    }

    @Test("A subject's samples have mean 0 and deviation 1", .enabled(if: SharedMaterial.isPresent))
    func moments() throws {
        let hcp = try SharedMaterial.url("fixtures/data/hcp/npz")
        for subject in try HCPDataset.subjects(in: hcp) {
            let moments = try HCPDataset.samples(subject: subject, in: hcp).moments
            #expect(abs(moments.mean) < 1e-6 && abs(moments.deviation - 1) < 1e-6)
        }
    }

    @Test("Interpolation keeps the samples and adds means of two of them")
    func interpolation() {
        let samples = ResponseMatrix(rows: 3, columns: 1, values: [1, 10, 100])
        let means = Set([1, 10, 100].flatMap { a in [1, 10, 100].map { (a + $0) / 2 } as [Float] })
        let augmented = PretrainingDataset.augmented(samples, times: 20, seed: 1)
        #expect(augmented.rows == 60 && augmented.values.prefix(3) == [1, 10, 100])
        #expect(Set(augmented.values.dropFirst(3)) == means)
        #expect(PretrainingDataset.augmented(samples, times: 1, seed: 1) == samples)
        #expect(PretrainingDataset.augmented(samples, times: 20, seed: 1) == augmented)
    }

    @Test("A folder without subjects is an error")
    func missing() {
        let nowhere = URL(fileURLWithPath: "/nonexistent")
        #expect(throws: DatasetError.self) { try PretrainingDataset.load(hcp: nowhere) }
    }
}
