import Decoder
import Foundation
import Tensors
import Testing

/// For normally distributed data the best possible noise prediction is linear in the latents, and the noise-free reverse
/// process has a closed solution: latents shrink like the standard deviation of the noisy data.
private struct NormalData {
    let deviation = 0.4
    let schedule = NoiseSchedule()

    private func variance(_ alpha: Double) -> Double { alpha * deviation * deviation + 1 - alpha }

    func noise(_ x: Tensor, _ timestep: Int) -> Tensor {
        let alpha = Double(schedule.alphasCumulativeTable[timestep])
        return scale(x, by: Float((1 - alpha).squareRoot() / variance(alpha)))
    }

    func solution(_ start: Tensor, _ sampling: SamplingSchedule) -> Tensor {
        let (first, last) = (Double(sampling.alphas[sampling.count - 1]), Double(sampling.previousAlphas[0]))
        return scale(start, by: Float((variance(last) / variance(first)).squareRoot()))
    }

    /// The relative error at the end.
    func error(of sampler: any Sampler, steps: Int) -> Double {
        let sampling = SamplingSchedule(steps: steps, schedule: schedule)
        let start = Tensor([1], shape: [1, 1, 1, 1])
        let result = sampler.sample(from: start, schedule: sampling) { noise($0, $1) }
        return abs(Double(result.item) / Double(solution(start, sampling).item) - 1)
    }

    /// The relative error in equal steps of log-SNR, before the last step, which removes all noise at once.
    func errorInLogSNR(of sampler: any Sampler, steps: Int) -> Double {
        let sampling = SamplingSchedule(steps: steps, spacing: .logSNR, schedule: schedule)
        var value = 0.0
        _ = sampler.sample(from: Tensor([1], shape: [1, 1, 1, 1]), schedule: sampling) {
            noise($0, $1)
        } observe: { step in
            if step.index == step.count - 2 { value = Double(step.latents.item) }
            return .proceed
        }
        let (first, last) = (Double(sampling.alphas[sampling.count - 1]), Double(sampling.alphas[0]))
        return abs(value / (variance(last) / variance(first)).squareRoot() - 1)
    }
}

@Suite("Samplers")
struct DiffusionSamplerTests {
    private static let all: [any Sampler] = [
        DDIM(), PLMS(), DPMSolverMultistep(), DPMSolverMultistep(order: 1), UniPC(order: 1), UniPC(), UniPC(order: 3),
    ]

    @Test("every sampler converges to the closed solution for normal data", arguments: all.indices)
    func convergence(index: Int) {
        let sampler = Self.all[index]
        let errors = [10, 40, 200].map { NormalData().error(of: sampler, steps: $0) }
        #expect(errors[0] > errors[1] && errors[1] > errors[2], "\(errors)")
        #expect(errors[2] < 0.03, "\(errors)")
    }

    @Test("errors fall with the order of the sampler")
    func orders() {
        let data = NormalData()
        func gain(_ sampler: any Sampler) -> Double {
            data.errorInLogSNR(of: sampler, steps: 20) / data.errorInLogSNR(of: sampler, steps: 40)
        }
        #expect((1.7...2.4).contains(gain(DDIM())), "\(gain(DDIM()))")
        #expect(gain(DPMSolverMultistep()) > 3, "\(gain(DPMSolverMultistep()))")
        #expect(gain(UniPC(order: 1)) > 3, "\(gain(UniPC(order: 1)))")
        #expect(gain(UniPC()) > 5, "\(gain(UniPC()))")
        for sampler in [DPMSolverMultistep(), UniPC()] as [any Sampler] {
            #expect(data.errorInLogSNR(of: sampler, steps: 20) < 0.3 * data.errorInLogSNR(of: DDIM(), steps: 20))
        }
    }

    @Test("DPM-Solver++ of first order is DDIM without noise", arguments: TimestepSpacing.allCases)
    func firstOrder(spacing: TimestepSpacing) {
        let schedule = SamplingSchedule(steps: 12, spacing: spacing)
        let start = seededNoise([2, 3, 3, 2], seed: 1, purpose: "start")
        let denoise = { (x: Tensor, t: Int) in scale(gelu(x), by: 1 + Float(t) / 1000) }
        let a = DDIM().sample(from: start, schedule: schedule, denoise: denoise)
        let b = DPMSolverMultistep(order: 1).sample(from: start, schedule: schedule, denoise: denoise)
        for (x, y) in zip(a.elements, b.elements) { #expect(abs(x - y) < 1e-4 * (1 + abs(x))) }
    }

    @Test("any number of steps gives that many strictly increasing timesteps within the schedule")
    func spacings() {
        let schedule = NoiseSchedule()
        for spacing in TimestepSpacing.allCases {
            for steps in 1...1000 {
                let timesteps = spacing.timesteps(steps: steps, schedule: schedule)
                #expect(zip(timesteps, timesteps.dropFirst()).allSatisfy(<), "\(spacing) \(steps)")
                #expect(timesteps[0] >= 0 && timesteps[timesteps.count - 1] <= 999, "\(spacing) \(steps)")
                if spacing != .uniform { #expect(timesteps.count == steps, "\(spacing) \(steps)") }
                if spacing == .trailing { #expect(timesteps.last == 999) }
            }
        }
    }

    @Test(
        "any number of steps gives finite latents, also where the reference crashes",
        arguments: [1, 2, 3, 4, 9, 14, 15, 27, 36, 37, 50, 101, 251, 300, 333, 501, 1000]
    )
    func stepCounts(steps: Int) {
        let data = NormalData()
        for spacing in TimestepSpacing.allCases {
            let schedule = SamplingSchedule(steps: steps, spacing: spacing)
            for sampler in Self.all {
                var finished = 0
                let start = Tensor([1, -2], shape: [1, 1, 1, 2])
                let result = sampler.sample(from: start, schedule: schedule) {
                    data.noise($0, $1)
                } observe: { step in
                    #expect(step.index == finished && step.count == schedule.count)
                    finished += 1
                    return .proceed
                }
                #expect(finished == schedule.count)
                #expect(result.elements.allSatisfy { $0.isFinite && abs($0) < 100 }, "\(spacing) \(result)")
            }
        }
    }

    @Test("PLMS calls the network once more than it has steps, the others once per step")
    func calls() {
        for sampler in Self.all {
            var calls = 0
            let schedule = SamplingSchedule(steps: 10)
            _ = sampler.sample(from: Tensor([1], shape: [1, 1, 1, 1]), schedule: schedule) { x, _ in
                calls += 1
                return x
            }
            #expect(calls == (sampler is PLMS ? 11 : 10))
        }
    }

    @Test("a stopped sampler returns the estimate of its last step, a failing network ends it")
    func stopping() {
        struct Interruption: Error {}
        let schedule = SamplingSchedule(steps: 10)
        let start = Tensor([1, 2], shape: [1, 1, 1, 2])
        for sampler in Self.all {
            var estimate: [Float] = []
            let result = sampler.sample(from: start, schedule: schedule) {
                NormalData().noise($0, $1)
            } observe: { step in
                estimate = step.estimate.elements
                return step.index == 3 ? .stop : .proceed
            }
            #expect(result.elements == estimate)
            #expect(throws: Interruption.self) {
                try sampler.sample(from: start, schedule: schedule) { _, _ in throw Interruption() }
            }
        }
    }

    @Test("noise depends on the seed and the item, not on the batch that it is drawn in")
    func seeds() {
        let batch = seededNoise([3, 4, 4, 2], seed: 5, purpose: "start")
        #expect(batch.elements == seededNoise([3, 4, 4, 2], seed: 5, purpose: "start").elements)
        #expect(
            batch.rows(2..<3).elements == seededNoise([1, 4, 4, 2], seed: 5, purpose: "start", firstItem: 2).elements
        )
        #expect(batch.elements != seededNoise([3, 4, 4, 2], seed: 6, purpose: "start").elements)
        let schedule = SamplingSchedule(steps: 5)
        let runs = (0..<2).map { _ in
            DDIM(eta: 1, seed: 9).sample(from: batch, schedule: schedule) { NormalData().noise($0, $1) }.elements
        }
        #expect(runs[0] == runs[1])
        let single = DDIM(eta: 1, seed: 9).sample(from: batch.rows(0..<1), schedule: schedule) {
            NormalData().noise($0, $1)
        }
        #expect(Array(runs[0].prefix(32)) == single.elements)
    }
}
