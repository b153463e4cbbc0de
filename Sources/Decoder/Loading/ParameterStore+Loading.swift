import Neural
import Tensors
import Weights

extension ParameterStore {
    /// Gives the parameters the arrays of their names; values stay in the file until they are first used.
    ///
    /// A parameter whose array is missing or has another shape keeps its initial value.
    ///
    /// - Parameters:
    ///   - state: the arrays by name.
    ///   - prefix: what the names in `state` have in front of the parameters' names, for instance
    ///     `cond_stage_model.`; arrays with other prefixes are not looked at.
    /// - Returns: what was missing, left over or of another shape, under the names of the file.
    @discardableResult
    public func load(_ state: StateDictionary, prefix: String = "") -> LoadReport {
        var report = LoadReport()
        for parameter in parameters {
            let name = prefix + parameter.name
            guard let array = state[name] else {
                report.missing.append(name)
                continue
            }
            guard array.shape == parameter.shape else {
                report.misshapen.append(.init(name: name, found: array.shape, expected: parameter.shape))
                continue
            }
            parameter.defer { Tensor(array) }
        }
        report.unexpected = state.names.filter { name in
            name.hasPrefix(prefix) && self[String(name.dropFirst(prefix.count))] == nil
        }
        return report
    }
}
