import Foundation
import Tensors

/// AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101).
public final class AdamW {
    /// Parameters that share a weight decay.
    public struct Group {
        /// What is trained.
        public let parameters: [Parameter]
        /// The factor of `lr·p` subtracted in each step.
        public let weightDecay: Float

        /// Makes a group.
        public init(parameters: [Parameter], weightDecay: Float) {
            self.parameters = parameters
            self.weightDecay = weightDecay
        }
    }

    /// The moments of one parameter.
    public struct Moments {
        /// The running mean of the gradient.
        public let first: Tensor
        /// The running mean of the squared gradient.
        public let second: Tensor
        /// The number of updates of this parameter.
        public var steps: Int

        /// The given state, for instance from a checkpoint.
        public init(first: Tensor, second: Tensor, steps: Int) {
            (self.first, self.second, self.steps) = (first, second, steps)
        }
    }

    /// The parameters, in groups.
    public let groups: [Group]
    /// The decay rates of the moments.
    public let betas: (Float, Float)
    /// Added to the root of the second moment.
    public let epsilon: Float
    /// The state by parameter name, for checkpoints.
    public private(set) var moments: [String: Moments] = [:]

    /// Makes an optimiser.
    ///
    /// A parameter that is listed twice is updated twice per step.
    public init(groups: [Group], betas: (Float, Float) = (0.9, 0.999), epsilon: Float = 1e-8) {
        self.groups = groups
        self.betas = betas
        self.epsilon = epsilon
    }

    /// One update of every parameter that has a gradient.
    ///
    /// Parameters without one keep value and state.
    public func step(learningRate: Float, gradientScale: Float = 1) {
        for group in groups {
            for parameter in group.parameters {
                guard let gradient = parameter.gradient else { continue }
                var state =
                    moments[parameter.name]
                    ?? Moments(first: Tensor(zeros: parameter.shape), second: Tensor(zeros: parameter.shape), steps: 0)
                state.steps += 1
                let corrections = (
                    Float(1 - pow(Double(betas.0), Double(state.steps))),
                    Float(1 - pow(Double(betas.1), Double(state.steps)))
                )
                parameter.update { value in
                    adamWStep(
                        parameter: value,
                        gradient: gradient,
                        first: state.first,
                        second: state.second,
                        learningRate: learningRate,
                        betas: betas,
                        epsilon: epsilon,
                        weightDecay: group.weightDecay,
                        biasCorrections: corrections,
                        gradientScale: gradientScale
                    )
                }
                moments[parameter.name] = state
            }
        }
    }

    /// Restores the moments of a parameter from a checkpoint.
    public func restore(_ state: Moments, of name: String) {
        moments[name] = state
    }

    /// Groups as the reference makes them: no decay for parameters of one axis and for biases.
    public static func decayGroups(_ parameters: [Parameter], weightDecay: Float) -> [Group] {
        let isFree = { (parameter: Parameter) in parameter.shape.count <= 1 || parameter.name.hasSuffix(".bias") }
        return [
            Group(parameters: parameters.filter(isFree), weightDecay: 0),
            Group(parameters: parameters.filter { !isFree($0) }, weightDecay: weightDecay),
        ]
    }
}
