import Tensors
import Weights

/// One comparison with the reference.
public struct ParityCheck: Sendable, Equatable {
    /// The file and the array, or the step that failed.
    public let name: String
    /// The largest difference, scaled as the tolerance says.
    public let worstError: Double
    /// The largest difference that passes.
    public let tolerance: Double
    /// Whether it passed.
    public let passed: Bool
    /// Why it failed, where the numbers do not say.
    public let detail: String

    /// A comparison of numbers.
    public init(_ name: String, worstError: Double, tolerance: Double, detail: String = "") {
        self.name = name
        self.worstError = worstError
        self.tolerance = tolerance
        self.detail = detail
        passed = worstError <= tolerance
    }

    /// Something that could not be compared.
    public init(_ name: String, failure: any Error) {
        self.init(name, worstError: .infinity, tolerance: 0, detail: String(describing: failure))
    }
}

/// The checks of a group, as it makes them.
public struct ParityChecks {
    /// Those made so far.
    public private(set) var all: [ParityCheck] = []

    /// No checks yet.
    public init() {}

    /// Adds a check.
    public mutating func add(_ check: ParityCheck) { all.append(check) }

    /// Runs a part of a group; an error that it throws becomes a failed check of that name, and the group goes on.
    public mutating func attempt(_ name: String, _ body: (inout ParityChecks) throws -> Void) {
        do {
            try body(&self)
        } catch {
            add(ParityCheck(name, failure: error))
        }
    }

    /// Compares numbers with a recorded array of the same shape.
    public mutating func compare(
        _ actual: [Double],
        shape: [Int],
        with name: String,
        in archive: FixtureArchive,
        _ tolerance: ParityTolerance
    ) throws {
        let label = "\(archive.file): \(name)"
        let expected = try archive.array(name)
        guard expected.shape == shape else {
            let detail = "the result has shape \(shape), the recorded array \(expected.shape)"
            return add(ParityCheck(label, worstError: .infinity, tolerance: tolerance.limit, detail: detail))
        }
        let error = tolerance.worstError(actual, expected.doubles())
        add(ParityCheck(label, worstError: error, tolerance: tolerance.limit))
    }

    /// Compares a tensor with a recorded array of the same shape.
    public mutating func compare(
        _ actual: Tensor,
        with name: String,
        in archive: FixtureArchive,
        _ tolerance: ParityTolerance = .forward
    ) throws {
        try compare(actual.elements.map(Double.init), shape: actual.shape, with: name, in: archive, tolerance)
    }

    /// Compares a number with a recorded scalar.
    public mutating func compare(
        _ actual: Double,
        with name: String,
        in archive: FixtureArchive,
        _ tolerance: ParityTolerance = .forward
    ) throws {
        try compare([actual], shape: [], with: name, in: archive, tolerance)
    }

    /// Compares integers with a recorded list, exactly.
    public mutating func compare(_ actual: [Int], with name: String, in archive: FixtureArchive) throws {
        try compare(actual.map(Double.init), shape: [actual.count], with: name, in: archive, .exact)
    }
}
