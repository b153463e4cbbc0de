import Foundation
import Neural
import Tensors
import Testing

@Suite("AdamW, clipping and schedules")
struct AdamWTests {
    @Test("three steps follow the published recurrences")
    func recurrences() throws {
        let initial: [Float] = [0.5, -1, 2, 0.001, 7]
        let p = Parameter(name: "w", shape: [5, 1]) { Tensor(initial, shape: [5, 1]) }
        p.isTrainable = true
        let optimizer = AdamW(groups: [.init(parameters: [p], weightDecay: 0.1)], betas: (0.9, 0.95))
        var expected = initial.map(Double.init)
        var first = [Double](repeating: 0, count: 5)
        var second = first
        for step in 1...3 {
            p.clearGradient()
            let gradient = expected.map { Float(sin($0 * Double(step))) }
            sum(p.variable * Variable(Tensor(gradient, shape: [5, 1]))).backward()
            optimizer.step(learningRate: 0.01)
            for i in 0..<5 {
                let g = Double(gradient[i])
                expected[i] *= 1 - 0.01 * 0.1
                first[i] = 0.9 * first[i] + 0.1 * g
                second[i] = 0.95 * second[i] + 0.05 * g * g
                let unbiased = second[i] / (1 - pow(0.95, Double(step)))
                expected[i] -= 0.01 * (first[i] / (1 - pow(0.9, Double(step)))) / (unbiased.squareRoot() + 1e-8)
            }
        }
        for (actual, wanted) in zip(p.value.elements, expected) { #expect(abs(Double(actual) - wanted) < 1e-5) }
    }

    @Test("only matrices decay")
    func decayGroups() {
        let make = { (name: String, shape: [Int]) in Parameter(name: name, shape: shape) { Tensor(zeros: shape) } }
        let groups = AdamW.decayGroups(
            [make("a.weight", [2, 2]), make("a.bias", [2]), make("norm.weight", [2]), make("cls_token", [1, 1, 2])],
            weightDecay: 0.05
        )
        #expect(groups[0].parameters.map(\.name) == ["a.bias", "norm.weight"])
        #expect(groups[1].parameters.map(\.name) == ["a.weight", "cls_token"])
        #expect(groups.map(\.weightDecay) == [0, 0.05])
    }

    @Test("clipping leaves small gradients alone and bounds large ones")
    func clipping() {
        #expect(clippingFactor(norm: 0.5, limit: 0.8) == 1)
        #expect(abs(clippingFactor(norm: 8, limit: 0.8) - 0.1) < 1e-6)
    }

    @Test("the schedule rises linearly, falls along half a cosine and stays at its minimum")
    func schedule() {
        let schedule = LearningRateSchedule.warmupCosine(warmup: 40, epochs: 500)
        #expect(schedule.learningRate(peak: 2, epoch: 10) == 0.5)
        #expect(schedule.learningRate(peak: 2, epoch: 40) == 2)
        #expect(abs(schedule.learningRate(peak: 2, epoch: 270) - 1) < 1e-12)
        #expect(abs(schedule.learningRate(peak: 2, epoch: 500)) < 1e-12)
        #expect(abs(schedule.learningRate(peak: 2, epoch: 900)) < 1e-12)
        let constant = LearningRateSchedule.constant(warmup: 4)
        #expect([0, 1, 4, 900].map { constant.learningRate(peak: 2, epoch: $0) } == [0, 0.5, 2, 2])
        #expect(LearningRateSchedule.constant().learningRate(peak: 2, epoch: 0) == 2)
    }
}
