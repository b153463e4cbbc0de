import Testing

@testable import Tensors

@Suite("Engine")
struct EngineTests {
    @Test("a parallel loop runs every iteration once", arguments: [1, 2, 3, 8])
    func parallelLoop(threads: Int) {
        let pool = ThreadPool(threads: threads)
        for count in [0, 1, 2, 7, 1000] {
            let hits = Tensor(zeros: [max(count, 1)])
            pool.run(count: count) { hits.pointer[$0] += 1 }
            #expect(hits.elements.prefix(count).allSatisfy { $0 == 1 })
        }
    }

    @Test("a nested parallel loop runs on the thread that it was called from")
    func nestedLoop() {
        let pool = ThreadPool(threads: 4)
        let hits = Tensor(zeros: [8, 16])
        pool.run(count: 8) { row in pool.run(count: 16) { hits.pointer[row * 16 + $0] += 1 } }
        #expect(hits.elements.allSatisfy { $0 == 1 })
    }

    @Test("repeated steps take no more memory from the system after the first")
    func workspaceReuse() {
        let engine = Engine(threads: 1)
        Engine.$current.withValue(engine) {
            for step in 0..<5 {
                let before = engine.workspace.statistics.systemAllocations
                let a = Tensor(zeros: [100, 30])
                let b = Tensor(zeros: [101, 30])
                _ = (a.copy(), b.copy())
                if step > 0 { #expect(engine.workspace.statistics.systemAllocations == before) }
            }
            #expect(engine.workspace.statistics.usedBytes == 0)
        }
    }

    @Test("a capacity is at least what was asked and at most half more, once beyond the alignment")
    func capacities() {
        for wanted in [0, 1, 63, 64, 65, 1000, 4097, 1 << 20, 123_456_789] {
            let capacity = Workspace.capacity(for: wanted)
            #expect(capacity >= wanted && capacity % 64 == 0)
            #expect(capacity <= max(wanted + 64, wanted + wanted / 2))
        }
    }
}
