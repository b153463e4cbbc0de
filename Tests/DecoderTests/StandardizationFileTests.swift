import Foundation
import Testing
import Weights

@testable import Decoder

@Suite("The file of a bundle that says how raw patterns are scaled")
final class StandardizationFileTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    private let projected = PatternStandardization(
        rawVoxels: 4,
        selection: [3, 0, 1],
        mean: [1, 2, 3],
        deviation: [2, 1, 0],
        projection: [1, 2, 5, 0, -1, 7],
        width: 5
    )

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    @Test("Scaled voxels are projected, and the components continued")
    func projection() {
        // Scaled: (9 − 1) / 2, 4 − 2, and nothing of a voxel that never changes.
        #expect(projected.apply([4, 7, 6, 9]) == [8, -2, 8, -2, 8])
    }

    @Test("is read as it was written, with and without a projection")
    func roundTrip() throws {
        let plain = PatternStandardization(rawVoxels: 4, selection: [2], mean: [1], deviation: [3], width: 5)
        for standardization in [projected, plain] {
            try Safetensors.write(StandardizationFile.outputs(standardization), metadata: [:], to: path)
            #expect(try StandardizationFile.read(path, width: 5) == standardization)
        }
    }

    @Test("A projection of other voxels, to none or more components than the encoder takes, or not finite is an error")
    func malformed() throws {
        let outputs = StandardizationFile.outputs(projected).filter { $0.name != "projection" }
        for values in [[1, 2], [], [Float](repeating: 1, count: 18), [1, 2, .nan]] {
            let projection = Safetensors.Output(name: "projection", shape: [values.count]) {
                (body) throws(WeightsError) in
                try values.withUnsafeBufferPointer { (elements) throws(WeightsError) in try body(elements) }
            }
            try Safetensors.write(outputs + [projection], metadata: [:], to: path)
            #expect(throws: (any Error).self) { try StandardizationFile.read(path, width: 5) }
        }
    }
}
