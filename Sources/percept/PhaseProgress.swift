import Foundation
import Synchronization
import Training

/// Progress of a training on standard error: phase, epoch, loss, rate and time left.
final class PhaseProgress: Sendable {
    private struct State {
        var phase = ""
        var shown = ContinuousClock.now
        var mean: Double?
    }

    private let state = Mutex(State())
    private let isTerminal = StandardError.isTerminal

    /// Takes note of an update.
    func update(_ progress: TrainingProgress) {
        let line = state.withLock { state -> String? in
            if state.phase != progress.phase { state = State(phase: progress.phase, shown: .now - .seconds(60)) }
            let loss = progress.values.first?.value ?? 0
            // A running mean, since the loss of a single batch jumps.
            state.mean = state.mean.map { $0 * 0.98 + loss * 0.02 } ?? loss
            let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(15)
            guard progress.step == progress.steps || .now - state.shown >= pause else { return nil }
            state.shown = .now
            var line = String(
                format: "%@: epoch %.2f, step %d/%d, loss %.4f",
                progress.phase,
                progress.epoch,
                progress.step,
                progress.steps,
                state.mean ?? loss
            )
            if let validation = progress.validation { line += String(format: ", validation %.4f", validation) }
            line += String(format: ", %.1f steps/s", 1 / max(progress.secondsPerStep, 1e-9))
            let left = Double(progress.steps - progress.step) * progress.secondsPerStep
            return progress.step < progress.steps ? line + ", \(ProgressLine.clock(left)) left" : line
        }
        guard let line else { return }
        if isTerminal {
            StandardError.write("\r\u{1b}[2K\(line)\(progress.step == progress.steps ? "\n" : "")")
        } else {
            StandardError.write(line + "\n")
        }
    }
}
