import Foundation
import Neuroimaging
import Testing
import WireFormat

@testable import Streaming

@Suite("A stream over sockets")
struct StreamTests {
    @discardableResult
    private func send(_ publisher: StreamPublisher, _ onset: Int, _ delivery: Delivery = .sent) throws -> UInt64 {
        try publisher.publish(
            EventBody(onset: Double(onset)),
            topic: .event,
            session: "s",
            run: "r",
            delivery: delivery
        )
    }

    private var volume: StoredVolume {
        get throws {
            try StoredVolume(
                grid: VoxelGrid(
                    shape: [6, 5, 4],
                    affine: Affine([-2, 0, 0], [0, 2, 0], [0, 0, 2.5], translation: [9, 8, 7])
                ),
                dataType: .int16,
                bytes: (0..<240).map { UInt8($0) },
                slope: 0.5,
                intercept: 3
            )
        }
    }

    @Test("a run arrives as it was published")
    func run() async throws {
        let publisher = try await makePublisher()
        try await listening(to: publisher) { _, inbox in
            #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
            var description = RunDescription(session: "s", run: "r")
            description.task = "viewing"
            description.repetitionTime = 0.72
            let sent = try volume
            try publisher.publish(RunBody(starting: description), topic: .run, session: "s", run: "r")
            let body = try VolumeBody(sent, index: 0, repetitionTime: 0.72, acquiredAt: 1_700_000_000)
            try publisher.publish(body, topic: .volume, session: "s", run: "r", payload: [sent.bytes])
            let trigger = TriggerBody(volume: 0, time: 1_700_000_000.5)
            try publisher.publish(trigger, topic: .trigger, session: "s", run: "r")
            try publisher.publish(RunBody(phase: .end, reason: "complete"), topic: .run, session: "s", run: "r")
            #expect(await eventually { inbox.all.contains { if case .runEnd = $0 { true } else { false } } })
            let received = try #require(inbox.volumes.first)
            #expect(received.volume == sent)
            #expect(received.repetitionTime == 0.72 && received.acquiredAt == 1_700_000_000)
            #expect(received.position == StreamPosition(publisher: publisher.identity, sequence: 1))
            let starts = inbox.all.compactMap { if case .runStart(let run, _) = $0 { run } else { nil } }
            #expect(starts == [description])
            let times = inbox.all.compactMap { if case .trigger(let trigger) = $0 { trigger.time } else { nil } }
            #expect(times == [1_700_000_000.5])
        }
        await publisher.close()
    }

    @Test("whatever happens to each of four messages, the truth arrives")
    func fourMessagePatterns() async throws {
        let publisher = try await makePublisher { $0.queue = 1_000 }
        try await listening(to: publisher) { source, inbox in
            #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
            var (truth, lost, duplicates) = ([Int](), 0, 0)
            var late: UInt64?
            for pattern in 0..<625 {
                for place in 0..<4 {
                    let number = pattern * 4 + place
                    switch pattern / [1, 5, 25, 125][place] % 5 {
                    case 0: try send(publisher, number)
                    case 1: try send(publisher, number, .withheld)
                    case 2:
                        try send(publisher, number, .lost)
                        lost += 1
                        continue
                    case 3:
                        publisher.sendAgain(try send(publisher, number))
                        duplicates += 1
                    default:
                        // It comes after the next one that is late as well.
                        if let late { publisher.sendAgain(late) }
                        late = try send(publisher, number, .withheld)
                    }
                    truth.append(number)
                }
                if pattern % 25 == 24 { #expect(await eventually { inbox.onsets.count == truth.count }) }
            }
            #expect(await eventually { inbox.onsets.count == truth.count && source.counters.lost == lost })
            #expect(inbox.onsets == truth)
            #expect(await eventually { source.counters.duplicates >= duplicates })
        }
        await publisher.close()
    }

    @Test("a publisher that starts again at the same address is followed, and all of both arrives")
    func publisherRestart() async throws {
        let first = try await makePublisher()
        try await listening(to: first) { _, inbox in
            for number in 0..<5 { try send(first, number) }
            #expect(await eventually { inbox.onsets == [0, 1, 2, 3, 4] })
            await first.close()
            #expect(await eventually { !inbox.faults(.disconnected).isEmpty })
            let second = try await makePublisher {
                ($0.publish, $0.resend) = (first.address, first.resendAddress)
            }
            #expect(second.identity != first.identity)
            for number in 5..<9 { try send(second, number) }
            #expect(await eventually { inbox.onsets == Array(0..<9) })
            #expect(inbox.faults(.lost).isEmpty)
            await second.close()
        }
    }

    @Test("what is published while the network is cut arrives once it is back")
    func interruption() async throws {
        let publisher = try await makePublisher()
        try await listening(to: publisher) { _, inbox in
            try send(publisher, 0)
            #expect(await eventually { inbox.onsets == [0] })
            await publisher.interrupt(for: .milliseconds(200))
            for number in 1..<40 { try send(publisher, number) }
            #expect(await eventually { inbox.onsets == Array(0..<40) })
            #expect(!inbox.faults(.disconnected).isEmpty && inbox.faults(.lost).isEmpty)
        }
        await publisher.close()
    }

    @Test("who joins late gets what the publisher has kept, and is told what is gone")
    func lateJoiner() async throws {
        let publisher = try await makePublisher { $0.keptMessages = 50 }
        for number in 0..<60 { try send(publisher, number) }
        try await listening(to: publisher) { _, inbox in
            #expect(await eventually { inbox.onsets == Array(10..<60) })
            #expect(inbox.faults(.lost).map(\.subject) == ["messages 0...9"])
        }
        try await listening(
            to: publisher,
            resumingAt: StreamPosition(publisher: publisher.identity, sequence: 56)
        ) { _, inbox in
            #expect(await eventually { inbox.onsets == [57, 58, 59] })
            #expect(inbox.faults(.lost).isEmpty)
        }
        await publisher.close()
    }

    @Test("the last message is not missed for want of another after it")
    func lostTail() async throws {
        let publisher = try await makePublisher()
        try await listening(to: publisher) { source, inbox in
            #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
            try send(publisher, 0)
            try send(publisher, 1, .withheld)
            #expect(await eventually { inbox.onsets == [0, 1] })
            try send(publisher, 2, .lost)
            #expect(await eventually { inbox.faults(.lost).map(\.subject) == ["messages 2...2"] })
        }
        await publisher.close()
    }

    @Test("without an answer a gap is given up at its deadline")
    func silentResend() async throws {
        let publisher = try await makePublisher()
        let settings = PublisherSettings(publish: "tcp://127.0.0.1:*", resend: "tcp://127.0.0.1:*")
        let other = try await StreamPublisher(settings)
        await other.close()
        var input = listeningSettings(publisher)
        input.resend = other.resendAddress
        input.repairDeadline = 0.1
        let (source, inbox) = (PerceptSource(input), Inbox())
        let task = Task { try await source.run(resumingAt: nil) { inbox.deliver($0) } }
        #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
        try send(publisher, 0)
        try send(publisher, 1, .withheld)
        try send(publisher, 2, .withheld)
        try send(publisher, 3)
        #expect(await eventually { inbox.onsets == [0, 3] })
        #expect(inbox.faults(.lost).map(\.subject) == ["messages 1...2"])
        task.cancel()
        try await task.value
        await publisher.close()
    }

    @Test("a damaged volume is had again undamaged")
    func damaged() async throws {
        let publisher = try await makePublisher()
        try await listening(to: publisher) { source, inbox in
            #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
            let sent = try volume
            let damages: [@Sendable ([[UInt8]]) -> [[UInt8]]] = [
                { parts in
                    var parts = parts
                    parts[2][17] ^= 1
                    return parts
                },
                { [$0[0], $0[1], Array($0[2].dropLast())] },
                { [$0[0]] },
                { parts in [parts[0], Array(parts[1].dropLast()), parts[2]] },
            ]
            for (index, damage) in damages.enumerated() {
                let body = try VolumeBody(sent, index: index)
                let payload = [sent.bytes]
                try publisher.publish(
                    body,
                    topic: .volume,
                    session: "s",
                    run: "r",
                    payload: payload,
                    delivery: .damaged(damage)
                )
            }
            #expect(await eventually { inbox.volumes.count == damages.count })
            #expect(inbox.volumes.map(\.index) == Array(damages.indices))
            #expect(inbox.volumes.allSatisfy { $0.volume.bytes == sent.bytes })
            #expect(inbox.faults(.corrupt).count == 2)
            #expect(inbox.faults(.lost).isEmpty)
        }
        await publisher.close()
    }
}
