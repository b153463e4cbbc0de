import Neural
import Tensors
import Testing

@Suite("Reverse-mode differentiation")
struct BackwardTests {
    private func parameter(_ values: [Float], trainable: Bool = true) -> Parameter {
        let parameter = Parameter(name: "p", shape: [values.count]) { Tensor(values, shape: [values.count]) }
        parameter.isTrainable = trainable
        return parameter
    }

    @Test("contributions of several uses add up")
    func sharedUse() {
        let p = parameter([2, 3])
        let x = p.variable
        let y = x * x + x
        sum(y + y).backward()
        #expect(p.gradient?.elements == [10, 14])
    }

    @Test("gradients of several passes add up until they are cleared")
    func accumulation() {
        let p = parameter([1])
        sum(p.variable).backward()
        sum(2 * p.variable).backward()
        #expect(p.gradient?.elements == [3])
        p.clearGradient()
        #expect(p.gradient == nil)
    }

    @Test("no gradient flows through a detached value, a constant parameter or disabled recording")
    func constants() {
        let p = parameter([2])
        let q = parameter([5], trainable: false)
        sum(p.variable.detached * p.variable * q.variable).backward()
        #expect(p.gradient?.elements == [10])
        #expect(q.gradient == nil)
        let y = GradientRecording.disabled { p.variable * p.variable }
        #expect(!y.requiresGradient)
    }

    @Test("a chain of a hundred thousand operations is differentiated and released")
    func longChain() {
        let p = parameter([1])
        var x = p.variable
        for _ in 0..<100_000 { x = x + x.detached * Variable(Tensor(zeros: [1])) }
        x.backward()
        #expect(p.gradient?.elements == [1])
        var unused = p.variable
        for _ in 0..<100_000 { unused = 1 * unused }
        #expect(unused.requiresGradient)
    }

    @Test("repeated training steps take no memory from the system after the second")
    func plannedWorkspace() {
        let engine = Engine(threads: 1)
        Engine.$current.withValue(engine) {
            let store = ParameterStore(seed: 1)
            let layer = Linear(store.root["layer"], inputs: 40, outputs: 30)
            store.train { _ in true }
            let optimizer = AdamW(groups: AdamW.decayGroups(store.trainable, weightDecay: 0.05))
            var random = RandomNumbers(seed: 3)
            var allocations: [Int] = []
            for _ in 0..<6 {
                store.clearGradients()
                mean(gelu(layer(Variable(random.normal([20, 40]))))).backward()
                optimizer.step(learningRate: 1e-3)
                allocations.append(engine.workspace.statistics.systemAllocations)
            }
            #expect(Set(allocations.dropFirst(2)).count == 1, "\(allocations)")
        }
    }
}
