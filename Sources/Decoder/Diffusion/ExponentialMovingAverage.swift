import Neural
import Tensors

/// A running average of parameters, with the reference's warm-up: decay min(0.9999, (1+n)/(10+n)) at update n.
public final class ExponentialMovingAverage {
    /// The averages by parameter name.
    public private(set) var averages: [String: Tensor]
    /// The number of updates.
    public private(set) var updates = 0
    private let parameters: [Parameter]
    private let decay: Float

    /// Starts at the parameters' values.
    public init(_ parameters: [Parameter], decay: Float = 0.9999) {
        self.parameters = parameters
        self.decay = decay
        averages = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.value.copy()) })
    }

    /// Goes on from averages of a checkpoint.
    public func restore(_ averages: [String: Tensor], updates: Int) {
        (self.averages, self.updates) = (averages, updates)
    }

    /// Moves the averages towards the parameters' values.
    public func update() {
        updates += 1
        let decay = min(self.decay, Float(1 + updates) / Float(10 + updates))
        for parameter in parameters {
            guard let average = averages[parameter.name] else { continue }
            averages[parameter.name] = combination([(decay, average), (1 - decay, parameter.value)])
        }
    }

    /// Runs `body` with the averages in place of the parameters' values.
    public func withAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
        let values = parameters.map(\.value)
        for parameter in parameters { averages[parameter.name].map { parameter.value = $0 } }
        defer { for (parameter, value) in zip(parameters, values) { parameter.value = value } }
        return try body()
    }
}
