import Testing
import Threading

@Suite("A bounded queue")
struct BoundedQueueTests {
    @Test("drops the oldest or the newest element when it is full, and counts exactly")
    func overflow() {
        for policy in [OverflowPolicy.dropOldest, .dropNewest] {
            let queue = BoundedQueue<Int>(name: "test", capacity: 3, policy: policy)
            let dropped = (0..<10).flatMap { queue.offer($0) }
            #expect(dropped == (policy == .dropOldest ? Array(0..<7) : Array(3..<10)))
            let counters = queue.counters
            #expect((counters.offered, counters.dropped, counters.waiting, counters.highWater) == (10, 7, 3, 3))
            #expect(queue.drain() == (policy == .dropOldest ? [7, 8, 9] : [0, 1, 2]))
        }
    }

    @Test("limits the sum of weights, but takes an element that is heavier than the limit alone")
    func weights() {
        let queue = BoundedQueue<Int>(name: "test", capacity: 10, policy: .dropOldest) { $0 }
        #expect(queue.offer(6).isEmpty)
        #expect(queue.offer(4).isEmpty)
        #expect(queue.offer(1) == [6])
        #expect(queue.offer(20) == [4, 1])
        #expect(queue.drain() == [20])
    }

    @Test("never drops an element of weight 0 for another, and limits their number")
    func light() {
        let queue = BoundedQueue<Int>(name: "test", capacity: 2, policy: .dropOldest) { $0 < 0 ? 0 : 1 }
        let dropped = [-1, 1, 2, -2, 3, 4].flatMap { queue.offer($0) }
        #expect(dropped == [1, 2])
        #expect(queue.drain() == [-1, -2, 3, 4])
        let flood = (0..<BoundedQueue<Int>.lightLimit + 5).flatMap { queue.offer(-1 - $0) }
        #expect(flood.count == 5)
        #expect(queue.offer(7).isEmpty)
    }

    @Test("hands every element to its reader in order while another task fills it, and ends after finish")
    func reading() async {
        let queue = BoundedQueue<Int>(name: "test", capacity: 100_000, policy: .dropNewest)
        let reader = Task {
            var received: [Int] = []
            while let element = await queue.next() { received.append(element) }
            return received
        }
        for element in 0..<20_000 {
            queue.offer(element)
            if element % 1000 == 0 { await Task.yield() }
        }
        queue.finish()
        #expect(await reader.value == Array(0..<20_000))
        #expect(queue.offer(1) == [1])
    }

    @Test("lets a waiting reader go when its task is cancelled")
    func cancellation() async {
        let queue = BoundedQueue<Int>(name: "test", capacity: 1, policy: .dropNewest)
        let reader = Task { await queue.next() }
        await Task.yield()
        reader.cancel()
        #expect(await reader.value == nil)
    }

    @Test("an actor on a thread of its own runs there, one job at a time")
    func thread() async {
        let lane = Lane()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { await lane.work() } }
        }
        #expect(await lane.count == 200)
    }

    private actor Lane {
        private let thread = ThreadExecutor(name: "lane")
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
        private(set) var count = 0

        func work() { count += 1 }
    }
}
