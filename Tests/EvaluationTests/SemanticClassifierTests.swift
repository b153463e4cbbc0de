import Decoder
import Foundation
import Images
import Neural
import Tensors
import Testing
import Weights

@testable import Evaluation

@Suite("The semantic classifier")
struct SemanticClassifierTests {
    /// A small network of random weights in a file under torchvision's names.
    private func withFile<Result>(classes: Int, _ body: (String) throws -> Result) throws -> Result {
        let configuration = VisionClassifierConfiguration(
            imageSize: 16,
            patchSize: 8,
            depth: 1,
            heads: 1,
            width: 32,
            hiddenWidth: 32,
            classes: classes
        )
        let store = ParameterStore()
        _ = VisionClassifier(configuration, store.root)
        let outputs = store.parameters.enumerated().map { index, parameter in
            var numbers = RandomNumbers(seed: 1, index: UInt64(index))
            let tensor = numbers.normal(parameter.shape, deviation: 0.3)
            return Safetensors.Output(name: parameter.name, shape: tensor.shape) { (body) throws(WeightsError) in
                try body(UnsafeBufferPointer(start: tensor.pointer, count: tensor.count))
                withExtendedLifetime(tensor) {}
            }
        }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Safetensors.write(outputs, metadata: [:], to: path)
        return try body(path)
    }

    private func image(_ seed: UInt64) -> Image8 {
        var numbers = RandomNumbers(seed: seed)
        return Image8(height: 20, width: 24, bytes: (0..<1440).map { _ in UInt8(numbers.integer(below: 256)) })
    }

    @Test("finds what an original shows in the original itself, and in others as often as its scores say")
    func accuracies() throws {
        try withFile(classes: 60) { path in
            let classifier = try SemanticClassifier(path: path)
            let (original, other) = (image(1), image(2))
            let target = classifier.target(of: original)
            var shown = 0
            let found = classifier.accuracies(
                [[FloatImage(original)], [FloatImage(other)]],
                targets: [target]
            ) { shown += 1 }
            let expected = NWayAccuracy(ways: 50).expectation(probabilities: classifier.scores(other), target: target)
            #expect(shown == 2)
            // 60 classes are too few for the 100-way accuracy.
            #expect(found.keys.map { $0 } == [.semantic50])
            let value = try #require(found[.semantic50]?.first)
            #expect(abs(value - (1 + expected) / 2) < 1e-9)
        }
    }

    @Test("A file of something else is refused")
    func refused() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let output = Safetensors.Output(name: "weight", shape: [1]) { (body) throws(WeightsError) in
            try [Float(1)].withUnsafeBufferPointer { (elements) throws(WeightsError) in try body(elements) }
        }
        try Safetensors.write([output], metadata: [:], to: path)
        #expect(throws: BundleError.self) { try SemanticClassifier(path: path) }
    }
}
