import Neural
import Tensors
import Weights

extension ParameterStore {
    /// Gives every parameter the array of its name, wherever one of its shape is there; the others stay as they are.
    ///
    /// Nothing is read before a parameter's value is first needed: a contiguous float32 array then serves as it lies in
    /// the mapped file, any other is converted.
    /// - Parameter rename: the name that this network uses for a name of the file, or nil to pass an array over.
    /// - Returns: the names that did not fit; an array passed over is not among them.
    @discardableResult
    public func load(_ weights: StateDictionary, rename: (String) -> String? = { $0 }) -> LoadReport {
        var report = LoadReport()
        var given: Set<String> = []
        for name in weights.names {
            guard let own = rename(name), let array = weights[name] else { continue }
            guard let parameter = self[own] else {
                report.unexpected.append(name)
                continue
            }
            given.insert(own)
            guard parameter.shape == array.shape else {
                report.misshapen.append(
                    LoadReport.Mismatch(name: name, found: array.shape, expected: parameter.shape)
                )
                continue
            }
            parameter.defer { Tensor(array) }
        }
        report.missing = parameters.map(\.name).filter { !given.contains($0) }
        return report
    }
}

extension StateShapes {
    /// The names and shapes of a state dict.
    public init(_ weights: StateDictionary, source: String) {
        var shapes: [String: [Int]] = [:]
        for name in weights.names { shapes[name] = weights[name]?.shape }
        self.init(shapes, source: source)
    }
}
