import Neuroimaging
import Preprocessing
import Testing

@testable import Live

@Suite("The queue of trials")
struct TrialQueueTests {
    static func trial(_ number: Int, readout: Int = 0) throws -> WaitingTrial {
        WaitingTrial(
            session: "s",
            run: "r",
            trial: number,
            readyAt: .now,
            deadline: .now,
            readout: readout,
            pattern: try pattern(number)
        )
    }

    /// A pattern of one voxel, by the estimation that makes all others.
    static func pattern(_ number: Int) throws -> TrialPattern {
        TrialPattern(
            trial: number,
            event: StimulusEvent(onset: Double(number), duration: 1),
            delay: 5,
            isFinal: true,
            lastVolume: number,
            response: [1],
            standardError: nil,
            standardized: nil,
            standardizedBy: 0,
            repeats: 1,
            doubts: []
        )
    }

    @Test("gives the freshest first and drops the oldest when too many wait")
    func freshest() async throws {
        let queue = TrialQueue(capacity: 2)
        #expect(queue.offer(try Self.trial(0)) == nil)
        #expect(queue.offer(try Self.trial(1)) == nil)
        #expect(queue.offer(try Self.trial(2))?.trial == 0)
        #expect(await queue.next()?.trial == 2)
        #expect(await queue.next()?.trial == 1)
        #expect((queue.counters.offered, queue.counters.dropped, queue.counters.waiting) == (3, 1, 0))
        queue.finish()
        #expect(await queue.next() == nil)
    }

    @Test("a later readout takes the place of an earlier one")
    func readouts() async throws {
        let queue = TrialQueue(capacity: 4)
        for readout in 0..<3 { queue.offer(try Self.trial(7, readout: readout)) }
        #expect(queue.count == 1)
        #expect(await queue.next()?.readout == 2)
        #expect(queue.counters.dropped == 0)
    }

    @Test("gives what was left before a restart when nothing else waits, the newest first, and never drops it")
    func left() async throws {
        let queue = TrialQueue(capacity: 1)
        for number in 0..<5 { queue.offerLeft(try Self.trial(number)) }
        queue.offer(try Self.trial(9))
        // A later readout of one that was left.
        queue.offer(try Self.trial(3, readout: 1))
        var given: [Int] = []
        for _ in 0..<5 { given.append(try #require(await queue.next()).trial) }
        #expect(given == [3, 4, 2, 1, 0] && queue.counters.dropped == 1)
        queue.offerLeft(try Self.trial(5))
        queue.finish()
        #expect(await queue.next() == nil)
    }

    @Test("wakes its reader for what was left before a restart")
    func leftWakes() async throws {
        let queue = TrialQueue(capacity: 1)
        async let trial = queue.next()
        await Task.yield()
        queue.offerLeft(try Self.trial(5))
        #expect(await trial?.trial == 5)
    }

    @Test("lets a waiting reader go when its task is cancelled")
    func cancellation() async {
        let queue = TrialQueue(capacity: 1)
        let reader = Task { await queue.next() }
        await Task.yield()
        reader.cancel()
        #expect(await reader.value == nil)
    }
}

@Suite("The budget of sampler steps")
struct StepBudgetTests {
    @Test("takes as many steps as fit into the time, between the fewest and the most")
    func budget() {
        var budget = StepBudget(fewest: 4, most: 50)
        #expect(budget.steps(secondsLeft: 100, waiting: 0) == 4)
        budget.measured(steps: 10, sampling: 3, fixed: 0.5)
        // 4 s less 0.5 s, at 0.3 s a step.
        #expect(budget.steps(secondsLeft: 4, waiting: 0) == 11)
        // Half of them for the trial that waits.
        #expect(budget.steps(secondsLeft: 4, waiting: 1) == 5)
        #expect(budget.steps(secondsLeft: 1000, waiting: 0) == 50)
        #expect(budget.steps(secondsLeft: -3, waiting: 0) == 4)
    }

    @Test("follows the machine when it becomes slower")
    func adapts() {
        var budget = StepBudget(fewest: 1, most: 100)
        budget.measured(steps: 10, sampling: 1, fixed: 0)
        let before = budget.steps(secondsLeft: 2, waiting: 0)
        for _ in 0..<20 { budget.measured(steps: 10, sampling: 4, fixed: 0) }
        #expect(before == 19 || before == 20)
        #expect(budget.steps(secondsLeft: 2, waiting: 0) == 4)
    }

    @Test("keeps more time in hand on a machine whose speed varies: the mean and four times the mean deviation")
    func variation() {
        var (steady, varying) = (StepBudget(fewest: 1, most: 1000), StepBudget(fewest: 1, most: 1000))
        for round in 0..<40 {
            steady.measured(steps: 10, sampling: 1, fixed: 0)
            varying.measured(steps: 10, sampling: round % 2 == 0 ? 0.5 : 1.5, fixed: 0)
        }
        #expect(steady.steps(secondsLeft: 10, waiting: 0) >= 99)
        #expect((25...45).contains(varying.steps(secondsLeft: 10, waiting: 0)))
    }

    @Test("is over when one more step and what follows would be late")
    func over() {
        var budget = StepBudget(fewest: 1, most: 1000)
        #expect(!budget.isOver(secondsLeft: 0.1))
        budget.measured(steps: 10, sampling: 1, fixed: 0.3)
        #expect(budget.isOver(secondsLeft: 0.39))
        #expect(!budget.isOver(secondsLeft: 0.41))
    }
}

@Suite("Names of runs")
struct RunNamesTests {
    @Test("a name that a source uses again gets a number; the end of a run is known by the source's name")
    func repeated() {
        var names = RunNames()
        let description = RunDescription(session: "s", run: "faces")
        #expect(names.begin(description).run == "faces")
        #expect(!names.hasEnded("s", "faces"))
        names.end(RunKey(session: "s", run: "faces"))
        #expect(names.hasEnded("s", "faces"))
        #expect(names.begin(description).run == "faces~2")
        #expect(!names.hasEnded("s", "faces"))
    }

    @Test("numbers go on after a restart")
    func restart() {
        var names = RunNames()
        names.end(RunKey(session: "s", run: "faces~3"))
        #expect(names.hasEnded("s", "faces"))
        #expect(names.begin(RunDescription(session: "s", run: "faces")).run == "faces~4")
        #expect(names.begin(RunDescription(session: "s", run: "a~b")).run == "a~b")
    }
}
