import Decoder
import Neural
import Tensors
import Weights

extension FixtureArchive {
    /// An array as a tensor, its shape checked: nil stands for any extent above 0.
    func tensor(_ name: String, _ shape: [Int?]) throws -> Tensor {
        let array = try array(name)
        let fits = array.shape.count == shape.count && zip(array.shape, shape).allSatisfy { $0 == $1 ?? $0 && $0 > 0 }
        guard fits else {
            let wanted = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
            throw ParityError(.malformed, "\(file): \(name)", "shape \(array.shape) is not [\(wanted)]")
        }
        return Tensor(array)
    }

    /// The masking that recorded noise `[batch, patches]` decides.
    func selection(_ name: String, batch: Int, patches: Int, ratio: Double) throws -> PatchSelection {
        guard (0...1).contains(ratio) else {
            throw ParityError(.invalidManifest, "\(file): \(name)", "a mask ratio of \(ratio) is not in 0...1")
        }
        return PatchMasking(ratio: ratio).selection(noise: try tensor(name, [batch, patches]))
    }
}

extension FixtureFolder {
    /// The state dict of a PyTorch checkpoint, at an entry of its object or where it usually is.
    func weights(_ file: String, key: String? = nil) throws -> StateDictionary {
        guard has(file) else { throw ParityError(.missing, file, "the folder has no such file") }
        let checkpoint = try TorchCheckpoint(path: path(file).path)
        return try key.map { try checkpoint.stateDictionary(at: $0) } ?? checkpoint.stateDictionary()
    }
}

extension ParameterStore {
    /// Gives every parameter its recorded value.
    /// - Throws: `ParityError` unless names and shapes fit exactly.
    func loadExactly(_ weights: StateDictionary, file: String, rename: (String) -> String? = { $0 }) throws {
        let report = load(weights, rename: rename)
        guard report.isExact else { throw ParityError(.malformed, file, report.description) }
    }
}

extension ParityChecks {
    /// Compares a value with a recorded array of the same shape.
    mutating func compare(
        _ actual: Variable,
        with name: String,
        in archive: FixtureArchive,
        _ tolerance: ParityTolerance = .forward
    ) throws {
        try compare(actual.value, with: name, in: archive, tolerance)
    }

    /// Compares the masks, and the places of the patches where they are recorded.
    mutating func compare(
        _ selection: PatchSelection,
        mask: String,
        restore: String? = nil,
        in archive: FixtureArchive
    ) throws {
        try compare(selection.mask, with: mask, in: archive, .exact)
        guard let restore else { return }
        let places = selection.restore.joined().map(Double.init)
        try compare(places, shape: selection.mask.shape, with: restore, in: archive, .exact)
    }

    /// Compares the gradients of all parameters that are recorded as `prefix` + name.
    mutating func compareGradients(of store: ParameterStore, prefix: String, in archive: FixtureArchive) {
        let names = archive.names.filter { $0.hasPrefix(prefix) }
        attempt("\(archive.file): \(prefix)*") { checks in
            var largest = 0.0
            for name in names { largest = try archive.array(name).doubles().reduce(largest) { max($0, abs($1)) } }
            let tolerance = ParityTolerance.gradient(largestOfAll: largest)
            for name in names {
                let label = "\(archive.file): \(name)"
                checks.attempt(label) { checks in
                    guard let gradient = store[String(name.dropFirst(prefix.count))]?.gradient else {
                        throw ParityError(.malformed, label, "the network has no such gradient")
                    }
                    try checks.compare(gradient, with: name, in: archive, tolerance)
                }
            }
        }
    }
}
