import Neuroimaging
import Testing
import WireFormat

@testable import Streaming

@Suite("Putting a stream in order")
struct StreamAssemblyTests {
    private let start = ContinuousClock.now

    private func assembly(_ position: StreamPosition? = nil) -> StreamAssembly {
        StreamAssembly(address: "scanner", position: position, deadline: .seconds(1), limits: MessageLimits())
    }

    private func arrival(after delay: Duration = .zero) -> Arrival { Arrival(instant: start + delay, time: 0) }

    private func event(_ sequence: UInt64, _ publisher: String = "p") throws -> [[UInt8]] {
        let stamp = MessageStamp(session: "s", run: "r", publisher: publisher, sequence: sequence, sentAt: 0)
        return try WireMessage(EventBody(onset: Double(sequence % 1_000)), topic: .event, stamp: stamp).parts
    }

    private func heartbeat(_ next: UInt64, _ publisher: String = "p") throws -> [[UInt8]] {
        try WireMessage(Heartbeat(publisher: publisher, next: next, oldest: 0, sentAt: 0)).parts
    }

    /// The onsets of events, and the numbers that were lost.
    private func summary(_ inputs: [ScannerInput]) -> (delivered: [Int], lost: [Int]) {
        var (delivered, lost): ([Int], [Int]) = ([], [])
        for input in inputs {
            switch input {
            case .event(let event): delivered.append(Int(event.event.onset))
            case .fault(let fault) where fault.code == .lost:
                let bounds = fault.subject.dropFirst("messages ".count).split(separator: ".").compactMap { Int($0) }
                lost += bounds[0]...bounds[1]
            default: Issue.record("\(input) was not expected")
            }
        }
        return (delivered, lost)
    }

    /// Answers what is asked for out of what the publisher kept.
    private func answer(
        _ assembly: inout StreamAssembly,
        kept: Set<UInt64>,
        next: UInt64,
        at delay: Duration = .zero
    ) throws -> [ScannerInput] {
        var inputs: [ScannerInput] = []
        while let request = assembly.dueRequest(at: start + delay) {
            assembly.sent(request, at: start + delay)
            for sequence in request.from...request.through where kept.contains(sequence) {
                inputs += assembly.receive(try event(sequence), isRepair: true, arrival: arrival(after: delay))
            }
            let answer = ResendAnswer(
                publisher: "p",
                from: request.from,
                through: request.through,
                oldest: 0,
                next: next
            )
            let parts = try WireMessage(answer).parts
            inputs += assembly.receive(parts, isRepair: true, arrival: arrival(after: delay))
        }
        return inputs
    }

    /// Every way in which up to five of four messages can arrive: gaps, duplicates and all orders.
    private var patterns: [[UInt64]] {
        var patterns: [[UInt64]] = [[]]
        var longest = patterns
        for _ in 0..<5 {
            longest = longest.flatMap { pattern in (0..<4).map { pattern + [$0] } }
            patterns += longest
        }
        return patterns
    }

    @Test("without anybody to ask, what came is delivered in order and what did not is lost, exactly")
    func deadlineOnly() throws {
        let messages = try (0..<4).map { try event($0) }
        for pattern in patterns {
            var assembly = assembly()
            var inputs: [ScannerInput] = []
            for sequence in pattern {
                inputs += assembly.receive(messages[Int(sequence)], isRepair: false, arrival: arrival())
            }
            inputs += assembly.receive(try heartbeat(4), isRepair: false, arrival: arrival())
            let lost = (0..<4).filter { !pattern.contains(UInt64($0)) }
            #expect(assembly.isIncomplete == !lost.isEmpty)
            inputs += assembly.tick(at: start + .milliseconds(999))
            #expect(summary(inputs).lost.isEmpty)
            inputs += assembly.tick(at: start + .seconds(1))
            let (delivered, reported) = summary(inputs)
            #expect(delivered == Set(pattern).sorted().map { Int($0) }, "\(pattern)")
            #expect(reported == lost, "\(pattern)")
            #expect(assembly.counters.duplicates == pattern.count - Set(pattern).count, "\(pattern)")
        }
    }

    @Test("what the publisher has kept is delivered in its place, and what it has not is lost at once")
    func repaired() throws {
        let messages = try (0..<4).map { try event($0) }
        for pattern in patterns.filter({ $0.count <= 4 }) {
            for bits in 0..<16 {
                let kept = Set((0..<4).filter { bits >> $0 & 1 == 1 }.map { UInt64($0) })
                var assembly = assembly()
                var inputs: [ScannerInput] = []
                for sequence in pattern {
                    inputs += assembly.receive(messages[Int(sequence)], isRepair: false, arrival: arrival())
                }
                inputs += assembly.receive(try heartbeat(4), isRepair: false, arrival: arrival())
                inputs += try answer(&assembly, kept: kept, next: 4)
                let (delivered, lost) = summary(inputs)
                let truth = Set(pattern).union(kept)
                #expect(delivered == truth.sorted().map { Int($0) }, "\(pattern) \(kept)")
                #expect(lost == (0..<4).filter { !truth.contains(UInt64($0)) }, "\(pattern) \(kept)")
                #expect(!assembly.isIncomplete)
            }
        }
    }

    @Test("however late something comes, each message is delivered once or lost, and never both")
    func askedAtOnce() throws {
        let messages = try (0..<4).map { try event($0) }
        for pattern in patterns where pattern.count >= 3 {
            let kept: Set<UInt64> = [1, 2]
            var assembly = assembly()
            var inputs: [ScannerInput] = []
            for sequence in pattern {
                inputs += assembly.receive(messages[Int(sequence)], isRepair: false, arrival: arrival())
                inputs += try answer(&assembly, kept: kept, next: 4)
            }
            inputs += assembly.receive(try heartbeat(4), isRepair: false, arrival: arrival())
            inputs += try answer(&assembly, kept: kept, next: 4)
            let (delivered, lost) = summary(inputs)
            #expect(delivered == delivered.sorted() && (delivered + lost).sorted() == [0, 1, 2, 3], "\(pattern)")
            #expect(delivered.contains(1) && delivered.contains(2), "\(pattern)")
        }
    }

    @Test("after a restart it goes on where it was with the same publisher, and from the start with another")
    func resuming() throws {
        var same = assembly(StreamPosition(publisher: "p", sequence: 1))
        #expect(same.receive(try event(4), isRepair: false, arrival: arrival()).isEmpty)
        #expect(same.dueRequest(at: start) == ResendRequest(publisher: "p", from: 2, through: 3))
        #expect(same.receive(try event(1), isRepair: false, arrival: arrival()).isEmpty)
        #expect(summary(try answer(&same, kept: [2, 3], next: 5)).delivered == [2, 3, 4])

        var other = assembly(StreamPosition(publisher: "q", sequence: 900))
        let inputs = other.receive(try event(2), isRepair: false, arrival: arrival())
        #expect(inputs.count == 1)
        #expect(other.dueRequest(at: start) == ResendRequest(publisher: "p", from: 0, through: 1))
    }

    @Test("another publisher replaces the first, whose messages do not count any more")
    func replaced() throws {
        var assembly = assembly()
        var inputs = assembly.receive(try event(0), isRepair: false, arrival: arrival())
        inputs += assembly.receive(try event(2), isRepair: false, arrival: arrival())
        #expect(summary(inputs).delivered == [0])
        inputs = assembly.receive(try event(0, "q"), isRepair: false, arrival: arrival())
        let codes = inputs.compactMap { if case .fault(let fault) = $0 { fault.code } else { nil } }
        #expect(codes == [.lost, .connected])
        #expect(inputs.count == 4)
        #expect(assembly.receive(try event(3), isRepair: false, arrival: arrival()).isEmpty)
        #expect(assembly.counters.foreign == 1)
        #expect(summary(assembly.receive(try event(1, "q"), isRepair: false, arrival: arrival())).delivered == [1])
    }

    @Test("a publisher that answers keeps what is missing from being given up")
    func progress() throws {
        var assembly = assembly()
        _ = assembly.receive(try event(3), isRepair: false, arrival: arrival())
        _ = assembly.receive(try event(0), isRepair: true, arrival: arrival(after: .milliseconds(900)))
        #expect(assembly.tick(at: start + .milliseconds(1_800)).isEmpty)
        #expect(summary(assembly.tick(at: start + .milliseconds(1_900))).lost == [1, 2])
    }

    @Test("a number far away is neither waited for one by one nor held in memory")
    func farAway() throws {
        var assembly = assembly()
        _ = assembly.receive(try event(1 << 61), isRepair: false, arrival: arrival())
        #expect(assembly.dueRequest(at: start) == ResendRequest(publisher: "p", from: 0, through: 4_095))
        let inputs = assembly.tick(at: start + .seconds(2))
        #expect(inputs.count == 2)
        #expect(!assembly.isIncomplete)
    }

    @Test("a topic of a later release has its number, and no fault")
    func laterTopic() throws {
        var assembly = assembly()
        var parts = try event(0)
        parts[0] = Array("gaze".utf8)
        #expect(assembly.receive(parts, isRepair: false, arrival: arrival()).isEmpty)
        #expect(summary(assembly.receive(try event(1), isRepair: false, arrival: arrival())).delivered == [1])
    }

    @Test("later messages are held in bounded number, and the others asked for again")
    func bounded() throws {
        var repair = SequenceRepair<Int>(next: 0, deadline: .seconds(1), capacity: (messages: 3, bytes: 100))
        for number in 1..<10 {
            _ = repair.receive(UInt64(number), number, bytes: 10, isRepair: false, at: start)
        }
        #expect(repair.missing == 0...0)
        let outputs = repair.receive(0, 0, bytes: 10, isRepair: true, at: start)
        #expect(outputs.count == 4)
        #expect(repair.missing == 4...9)
        #expect(repair.receive(4, 4, bytes: 1_000, isRepair: true, at: start).count == 1)
        #expect(repair.receive(6, 6, bytes: 101, isRepair: true, at: start).isEmpty)
        #expect(repair.missing == 5...9)
    }
}
