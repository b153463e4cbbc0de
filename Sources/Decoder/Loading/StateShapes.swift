/// The names and shapes of a state dict, from which a network's configuration is inferred.
public struct StateShapes: Sendable {
    /// Where they come from, for messages.
    public let source: String
    private let shapes: [String: [Int]]

    /// The arrays of a state dict by name.
    public init(_ shapes: [String: [Int]], source: String) {
        self.shapes = shapes
        self.source = source
    }

    /// The arrays below a prefix such as `model.diffusion_model.`, under what remains of their names.
    public func below(_ prefix: String) -> StateShapes {
        var result: [String: [Int]] = [:]
        for (name, shape) in shapes where name.hasPrefix(prefix) {
            result[String(name.dropFirst(prefix.count))] = shape
        }
        return StateShapes(result, source: source)
    }

    /// Whether there are no arrays.
    public var isEmpty: Bool { shapes.isEmpty }

    /// The shape of an array, or nil if there is none of that name.
    public subscript(name: String) -> [Int]? { shapes[name] }

    /// Whether any name begins so.
    func has(prefix: String) -> Bool {
        shapes.keys.contains { $0.hasPrefix(prefix) }
    }

    /// How many of `prefix.0.`, `prefix.1.`, … there are without a gap.
    func count(_ prefix: String) -> Int {
        var indices: Set<Int> = []
        for name in shapes.keys where name.hasPrefix(prefix + ".") {
            if let index = Int(name.dropFirst(prefix.count + 1).prefix { $0 != "." }) { indices.insert(index) }
        }
        return (0...indices.count).first { !indices.contains($0) } ?? 0
    }

    /// The shape of an array that must be there with so many axes, none of them empty or so long that the product of two
    /// would overflow.
    func required(_ name: String, rank: Int) throws -> [Int] {
        guard let shape = shapes[name] else { throw failure("it has no \(name)") }
        guard shape.count == rank, shape.allSatisfy({ (1...1 << 31).contains($0) }) else {
            throw failure("\(name) has shape \(shape), but \(rank) axes of at least one element are expected")
        }
        return shape
    }

    /// Says that the checkpoint cannot be used.
    func failure(_ detail: String) -> BundleError {
        BundleError(.unsuitableCheckpoint, source, detail)
    }
}
