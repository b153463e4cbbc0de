import Neural
import Tensors

/// One phase of training: what is minimised, and over what.
///
/// A phase draws everything random from the numbers that it is given, so that a step depends on nothing but the weights,
/// the optimiser's state and the number of the step.
protocol TrainingPhase: AnyObject {
    /// What the phase is called in progress, files and errors.
    var name: String { get }
    /// The items of an epoch.
    var itemCount: Int { get }
    /// The networks whose weights a checkpoint holds, by a name for each.
    var networks: [(name: String, store: ParameterStore)] { get }
    /// The optimisers, each with the parameters whose gradients are clipped together.
    var optimizers: [(name: String, optimizer: AdamW)] { get }
    /// The parameters that are trained.
    var trained: [Parameter] { get }

    /// The loss of some items, recorded for differentiation.
    /// - Parameters:
    ///   - items: positions in the epoch's items.
    ///   - random: where everything random comes from.
    func loss(of items: [Int], random: inout RandomNumbers) -> PhaseLoss

    /// The values by which weights are chosen, lower being better first; nil where nothing is held out.
    func validate(random: inout RandomNumbers) -> Double?

    /// Called once before the first step of a run, after weights were restored.
    func prepare()

    /// Called before every update, so that a phase can change what it does on the way.
    func begin(step: Int, of steps: Int)
}

extension TrainingPhase {
    func prepare() {}
    func begin(step: Int, of steps: Int) {}
    func validate(random: inout RandomNumbers) -> Double? { nil }
}

/// The loss of a step.
struct PhaseLoss {
    /// What is differentiated.
    let total: Variable
    /// Further values for the history.
    var values: [(name: String, value: Double)] = []
}
