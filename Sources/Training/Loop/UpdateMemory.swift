import Settings
import Tensors

/// The memory that an update of a phase keeps until its gradients are known, told from the loss of one or two items.
struct UpdateMemory {
    /// Bytes of each item, activations above all.
    let bytesOfItem: Int

    /// Evaluates the loss of a few items, in memory of its own.
    init(of phase: any TrainingPhase, _ optimization: OptimizationRecipe) {
        let items = Array(0..<min(2, phase.itemCount, optimization.itemsAtOnce))
        let workspace = Workspace()
        func loss() -> PhaseLoss {
            var random = RandomNumbers(seed: 0, purpose: "memory of \(phase.name)")
            return phase.loss(of: items, random: &random)
        }
        bytesOfItem = Engine.$current.withValue(Engine(threads: Engine.current.threads, workspace: workspace)) {
            // The first makes what all further ones share.
            _ = loss()
            let shared = workspace.statistics.usedBytes
            return withExtendedLifetime(loss()) { (workspace.statistics.usedBytes - shared) / items.count }
        }
    }
}

extension OptimizationRecipe {
    /// The most items that are in memory at once.
    fileprivate var itemsAtOnce: Int { (batch + accumulation - 1) / accumulation }
}

extension TrainingLoop {
    /// Checks that an update fits into memory.
    /// - Throws: ``TrainingError`` if it does not.
    func checkMemory(of phase: any TrainingPhase) throws {
        let bytes = UpdateMemory(of: phase, optimization).bytesOfItem * optimization.itemsAtOnce
        guard bytes > memory else { return }
        throw TrainingError.tooLarge(
            phase.name,
            "\(optimization.itemsAtOnce) items at once",
            bytes: bytes,
            memory: memory,
            remedy: "make optimization.batch smaller, or optimization.accumulation larger"
        )
    }
}
