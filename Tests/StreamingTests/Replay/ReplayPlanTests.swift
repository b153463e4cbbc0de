import Neuroimaging
import Testing

@testable import Streaming

@Suite("The plan of a replay")
struct ReplayPlanTests {
    let numbers = Array(0..<200)

    func deliveries(_ plan: ReplayPlan) -> [(place: Int, ReplayDelivery)] {
        plan.steps.compactMap {
            if case .volume(let place, let delivery) = $0.action { (place, delivery) } else { nil }
        }
    }

    @Test("without faults sends each volume when its acquisition is over, and events at their onsets")
    func plain() {
        let plan = ReplayPlan(numbers: [0, 1, 3], onsets: [0, 2.5, 4, 9], repetitionTime: 2, speed: 2)
        let expected: [(Double, ReplayPlan.Step.Action)] = [
            (0, .event(0)), (1, .volume(place: 0, .sent)), (1.25, .event(1)), (2, .event(2)),
            (2, .volume(place: 1, .sent)), (4, .volume(place: 2, .sent)), (4.5, .event(3)),
        ]
        #expect(plan.steps.map(\.due) == expected.map(\.0))
        #expect(plan.steps.map(\.action) == expected.map(\.1))
        #expect(plan.injections.isEmpty)
    }

    @Test("as fast as possible keeps the order, and sends events first if that is wanted")
    func fast() {
        let plan = ReplayPlan(numbers: [0, 1], onsets: [3], repetitionTime: 2, speed: .infinity)
        #expect(plan.steps.allSatisfy { $0.due == 0 })
        #expect(plan.steps.map(\.action) == [.volume(place: 0, .sent), .event(0), .volume(place: 1, .sent)])
        let first = ReplayPlan(numbers: [0, 1], onsets: [3], repetitionTime: 2, eventsFirst: true)
        #expect(first.steps.first?.action == .event(0) && first.steps.first?.due == 0)
    }

    @Test("is the same for the same seed, and another for another")
    func seeds() {
        let faults: [ReplayFault] = [.drop(0.1), .duplicate(0.1), .reorder(0.1), .delay(0.3), .corrupt(0.05)]
        let plan = { (seed: UInt64) in ReplayPlan(numbers: numbers, repetitionTime: 1, faults: faults, seed: seed) }
        #expect(plan(7) == plan(7))
        #expect(plan(7) != plan(8))
    }

    @Test("injects faults as often as their probabilities say, and says exactly which")
    func counts() {
        let many = Array(0..<20_000)
        let faults: [ReplayFault] = [.drop(0.1), .withhold(0.05), .duplicate(0.2)]
        let plan = ReplayPlan(numbers: many, repetitionTime: 1, faults: faults, seed: 3)
        let deliveries = deliveries(plan)
        for (kind, delivery, rate) in [
            (ReplayFault.Kind.drop, ReplayDelivery.dropped, 0.1), (.withhold, .withheld, 0.9 * 0.05),
            (.duplicate, .again, 0.9 * 0.95 * 0.2),
        ] {
            let found = deliveries.filter { $0.1 == delivery }.map(\.place)
            #expect(found == plan.injections.filter { $0.fault == kind }.map(\.volume))
            #expect(plan.count(kind) == found.count)
            // Five standard deviations of a binomial distribution.
            let deviation = (20_000 * rate * (1 - rate)).squareRoot()
            #expect(abs(Double(found.count) - 20_000 * rate) < 5 * deviation, "\(kind)")
        }
        #expect(deliveries.count { !$0.1.isRepeated } == 20_000)
    }

    @Test("swaps neighbours, each volume at most once")
    func reorder() {
        let plan = ReplayPlan(numbers: numbers, repetitionTime: 1, faults: [.reorder(0.4)], seed: 5)
        let order = deliveries(plan).filter { $0.1 != .heldBack }.map(\.place)
        #expect(order.sorted() == numbers)
        #expect(zip(order, numbers).allSatisfy { abs($0 - $1) <= 1 })
        #expect(zip(order, numbers).count { $0 == $1 + 1 } == plan.count(.reorder) && plan.count(.reorder) > 20)
    }

    @Test("delays and stalls let nothing overtake, and catch up")
    func stalls() {
        let plan = ReplayPlan(
            numbers: Array(0..<10),
            repetitionTime: 1,
            faults: [.stall(volume: 3, seconds: 2.5), .disconnect(volume: 8, seconds: 1)]
        )
        let volumes = plan.steps.filter { if case .volume = $0.action { true } else { false } }
        #expect(volumes.map(\.due) == [1, 2, 3, 6.5, 6.5, 6.5, 7, 8, 9, 10])
        #expect(plan.steps.contains { $0 == .init(due: 9, action: .disconnect(seconds: 1)) })
        let delayed = ReplayPlan(numbers: numbers, repetitionTime: 1, faults: [.delay(3)], seed: 1)
        let dues = delayed.steps.map(\.due)
        #expect(dues == dues.sorted())
        #expect(zip(dues, numbers).allSatisfy { $0 >= Double($1 + 1) && $0 <= Double($1 + 1) + 3 })
    }

    @Test("reads faults as they are written, and nothing else")
    func texts() {
        #expect(ReplayFault("drop:0.1") == .drop(0.1) && ReplayFault("delay:0.5") == .delay(0.5))
        #expect(ReplayFault("stall:20:3") == .stall(volume: 20, seconds: 3))
        #expect(ReplayFault("disconnect:5:0.5") == .disconnect(volume: 5, seconds: 0.5))
        for text in [
            "", "drop", "drop:", "drop:2", "drop:-1", "drop:nan", "stall:3", "stall:x:3", "fire:1", "drop:0.1:2",
        ] {
            #expect(ReplayFault(text) == nil, "\(text)")
        }
    }
}
