import Foundation
import Neural
import Tensors
import Testing
import Weights

@testable import Decoder

/// Arrays and weights of the golden data.
struct FMRIGoldenFiles {
    let arrays: NPZ
    private let path: String

    init(_ path: String) throws {
        self.path = path
        arrays = try NPZ(path: FMRISharedMaterial.fixture(path).path)
    }

    func callAsFunction(_ name: String) throws -> Tensor { try Tensor(arrays.array(name)) }

    func selection(_ name: String, ratio: Double) throws -> PatchSelection {
        PatchMasking(ratio: ratio).selection(noise: try self(name))
    }

    static func weights(_ path: String) throws -> StateDictionary {
        try TorchCheckpoint(path: FMRISharedMaterial.fixture(path).path).stateDictionary()
    }

    /// The manifest's configuration, by dotted path.
    static func number(_ key: String) throws -> Double {
        let data = try Data(contentsOf: FMRISharedMaterial.fixture("manifest.json"))
        var value: Any? = (try JSONSerialization.jsonObject(with: data) as? [String: Any])?["config"]
        for component in key.split(separator: ".") { value = (value as? [String: Any])?[String(component)] }
        return try #require((value as? NSNumber)?.doubleValue, "\(key)")
    }

    static func size(_ key: String) throws -> Int { Int(try number(key)) }
}

/// Expects a forward result within 1e-4·(1 + |max|).
func expectClose(
    _ actual: Tensor,
    _ expected: Tensor,
    _ name: String,
    tolerance: Float = 1e-4,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard actual.count == expected.count else {
        Issue.record("\(name): shape \(actual.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
        return
    }
    let largest = expected.elements.map(abs).max() ?? 0
    let error = zip(actual.elements, expected.elements).map { abs($0 - $1) }.max() ?? 0
    #expect(error <= tolerance * (1 + largest), "\(name)", sourceLocation: sourceLocation)
}

/// Expects gradients within 3e-3·(max|g| + 1e-3·max|g| over all tensors).
func expectCloseGradients(_ store: ParameterStore, _ golden: FMRIGoldenFiles, prefix: String) throws {
    let names = golden.arrays.names.filter { $0.hasPrefix(prefix) }
    #expect(!names.isEmpty)
    let expected = try names.map { try golden($0) }
    let largest = expected.flatMap(\.elements).map(abs).max() ?? 0
    for (name, truth) in zip(names, expected) {
        let parameter = try #require(store[String(name.dropFirst(prefix.count))], "\(name)")
        let gradient = try #require(parameter.gradient, "\(name)")
        let own = truth.elements.map(abs).max() ?? 0
        let error = zip(gradient.elements, truth.elements).map { abs($0 - $1) }.max() ?? 0
        #expect(error <= 3e-3 * (own + 1e-3 * largest), "\(name)")
    }
}
