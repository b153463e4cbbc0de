import Decoder
import Foundation
import Neural
import Tensors
import Weights

/// The whole state of a phase in one file: weights, moments of the optimisers, moving average, and where it stands.
///
/// Random numbers have no state: they follow from the seed and the number of the step.
struct TrainingCheckpoint {
    /// Where a phase stands.
    struct Progress: Codable, Equatable {
        /// The updates that were made.
        var step = 0
        /// The best validation so far.
        var best: Double?
        /// Validations since the best one.
        var sinceBest = 0
        /// Updates of the moving average.
        var averageUpdates = 0
        /// Updates by parameter, of each optimiser.
        var updates: [String: [String: Int]] = [:]
        /// What was measured so far.
        var history = TrainingHistory()
        /// What distinguishes the recipe and data; a checkpoint of others is not used.
        var fingerprint = ""
    }

    /// Writes a checkpoint; the file is replaced when the new one is complete and on disk.
    static func write(
        _ phase: any TrainingPhase,
        average: ExponentialMovingAverage?,
        progress: Progress,
        to path: String
    ) throws {
        var progress = progress
        var outputs: [Safetensors.Output] = []
        for (name, store) in phase.networks {
            outputs += store.parameters.map { output("weights.\(name).\($0.name)", $0.transientValue) }
        }
        for (name, optimizer) in phase.optimizers {
            for (parameter, moments) in optimizer.moments.sorted(by: { $0.key < $1.key }) {
                outputs.append(output("first.\(name).\(parameter)", moments.first))
                outputs.append(output("second.\(name).\(parameter)", moments.second))
                progress.updates[name, default: [:]][parameter] = moments.steps
            }
        }
        if let average {
            progress.averageUpdates = average.updates
            outputs += average.averages.sorted { $0.key < $1.key }.map { output("average.\($0.key)", $0.value) }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        let text = String(decoding: try encoder.encode(progress), as: UTF8.self)
        try Safetensors.write(outputs, metadata: ["percept training checkpoint": text], to: path)
    }

    /// Restores a phase from a checkpoint; nil if there is none, or one of another recipe or other data.
    static func restore(
        _ phase: any TrainingPhase,
        average: ExponentialMovingAverage?,
        from path: String,
        fingerprint: String
    ) throws -> Progress? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try Safetensors(path: path)
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        guard let text = file.metadata["percept training checkpoint"],
            let progress = try? decoder.decode(Progress.self, from: Data(text.utf8))
        else {
            throw TrainingError(.damagedCheckpoint, path, "it is no checkpoint of a phase; remove it to begin again")
        }
        guard progress.fingerprint == fingerprint else { return nil }
        func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
            guard let array = file.tensors[name], array.shape == shape else {
                throw TrainingError(.damagedCheckpoint, path, "\(name) is missing or has another shape")
            }
            // A copy, so that training does not write to mapped memory or keep the file.
            return Tensor(array).copy()
        }
        for (name, store) in phase.networks {
            for parameter in store.parameters {
                parameter.value = try tensor("weights.\(name).\(parameter.name)", parameter.shape)
            }
        }
        for (name, optimizer) in phase.optimizers {
            let shapes = Dictionary(
                optimizer.groups.flatMap(\.parameters).map { ($0.name, $0.shape) },
                uniquingKeysWith: { first, _ in first }
            )
            for (parameter, steps) in progress.updates[name] ?? [:] {
                guard let shape = shapes[parameter] else {
                    throw TrainingError(.damagedCheckpoint, path, "\(parameter) is not trained in this phase")
                }
                let moments = AdamW.Moments(
                    first: try tensor("first.\(name).\(parameter)", shape),
                    second: try tensor("second.\(name).\(parameter)", shape),
                    steps: steps
                )
                optimizer.restore(moments, of: parameter)
            }
        }
        if let average {
            let values = try average.averages.map { ($0.key, try tensor("average.\($0.key)", $0.value.shape)) }
            average.restore(Dictionary(uniqueKeysWithValues: values), updates: progress.averageUpdates)
        }
        return progress
    }

    /// Writes the weights of a phase alone.
    static func writeWeights(of phase: any TrainingPhase, to path: String) throws {
        let outputs = phase.networks.flatMap { name, store in
            store.parameters.map { output("\(name).\($0.name)", $0.transientValue) }
        }
        try Safetensors.write(outputs, to: path)
    }

    /// Gives a phase the weights that ``writeWeights(of:to:)`` wrote.
    static func readWeights(of phase: any TrainingPhase, from path: String) throws {
        let file = try Safetensors(path: path)
        for (name, store) in phase.networks {
            for parameter in store.parameters {
                guard let array = file.tensors["\(name).\(parameter.name)"], array.shape == parameter.shape else {
                    throw TrainingError(
                        .damagedCheckpoint,
                        path,
                        "\(name).\(parameter.name) is missing or has another shape; remove the file to train again"
                    )
                }
                parameter.value = Tensor(array).copy()
            }
        }
    }

    private static func output(_ name: String, _ tensor: Tensor) -> Safetensors.Output {
        Safetensors.Output(name: name, shape: tensor.shape) { (body) throws(WeightsError) in
            try body(UnsafeBufferPointer(start: tensor.pointer, count: tensor.count))
            withExtendedLifetime(tensor) {}
        }
    }
}
