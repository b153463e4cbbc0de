import CKernels
import Foundation
import Tensors

/// Times operations on one engine and prints a line for each.
struct Timing {
    let peak: Double
    let filter: String?

    init(filter: String?) {
        let engine = Engine.current
        let code: Int32 =
            switch engine.instructionSet {
            case .portable: 0
            case .avx2: 1
            case .avx512: 2
            }
        peak = percept_measure_peak(code, 0.2) * Double(engine.threads)
        self.filter = filter
        print(
            String(format: "%d threads, %@, peak %.0f GF/s", engine.threads, engine.instructionSet.rawValue, peak / 1e9)
        )
    }

    /// The best of several rounds of `body`, which is called with the number of the repetition.
    func measure(_ name: String, operations: Double, _ body: (Int) -> Void) {
        if let filter, !name.contains(filter) { return }
        let clock = ContinuousClock()
        body(0)
        let once = clock.measure { body(1) } / .seconds(1)
        let repetitions = max(1, Int(0.015 / max(once, 1e-7)))
        var times: [Double] = []
        for round in 0..<15 {
            let time =
                clock.measure { for index in 0..<repetitions { body(round * repetitions + index) } } / .seconds(1)
            times.append(time / Double(repetitions))
        }
        let best = times.min() ?? .infinity
        let rate = operations / best
        let label = name.padding(toLength: 36, withPad: " ", startingAt: 0)
        print(label + String(format: "%9.3f ms %8.1f GF/s %6.1f %%", best * 1e3, rate / 1e9, 100 * rate / peak))
    }

    func random(_ shape: [Int]) -> Tensor {
        var numbers = RandomNumbers(seed: 1)
        return numbers.uniform(shape, in: -1...1)
    }

    /// Enough copies that weights come from memory, as in a network step.
    func copies<Value>(bytes: Int, _ make: () -> Value) -> [Value] {
        (0..<max(1, min(8, (96 << 20) / max(bytes, 1)))).map { _ in make() }
    }
}
