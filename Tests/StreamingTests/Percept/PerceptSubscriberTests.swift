import Neuroimaging
import Testing
import WireFormat

@testable import Streaming

@Suite("Following what a daemon publishes")
struct PerceptSubscriberTests {
    private var pattern: PatternBody {
        PatternBody(
            trial: 0,
            delay: 6,
            isFinal: true,
            lastVolume: 9,
            voxels: 2,
            standardized: false,
            configuration: "4f1c"
        )
    }

    /// Publishes triggers of volumes from 0 on, and waits until they have come.
    private func sendTriggers(
        _ count: Int,
        from publisher: StreamPublisher,
        to subscriber: PerceptSubscriber
    ) async throws {
        #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
        for volume in 0..<count {
            try publisher.publish(TriggerBody(volume: volume, time: 0), topic: .trigger, session: "s", run: "r")
        }
        #expect(await eventually { subscriber.counters.received == count })
    }

    @Test("messages arrive decoded, with what follows them, and gaps are counted")
    func messages() async throws {
        let publisher = try await makePublisher()
        let subscriber = try await PerceptSubscriber(publisher.address)
        #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
        let payload: [UInt8] = [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]
        let status = StatusBody(state: "running", source: "test")
        try publisher.publish(status, topic: .status, session: "s", run: "r")
        try publisher.publish(status, topic: .status, session: "s", run: "r", delivery: .withheld)
        publisher.sendRaw([[1, 2, 3]])
        try publisher.publish(pattern, topic: .pattern, session: "s", run: "r", payload: [payload])
        var received: [ReceivedMessage] = []
        for await message in subscriber.messages {
            received.append(message)
            if received.count == 2 { break }
        }
        #expect(received[0].content == .status(status))
        #expect(received[1].content == .pattern(pattern))
        #expect(received[1].payload == [payload] && received[1].topic == .pattern)
        #expect(subscriber.counters.missed == 1 && subscriber.counters.refused == 1)
        #expect(subscriber.counters.received == 2)
        await subscriber.close()
        await publisher.close()
    }

    @Test("a reader that does not read loses the oldest messages, counted")
    func buffer() async throws {
        let publisher = try await makePublisher { $0.queue = 1_000 }
        let subscriber = try await PerceptSubscriber(publisher.address, buffer: 10)
        try await sendTriggers(50, from: publisher, to: subscriber)
        #expect(subscriber.counters.dropped == 40)
        await subscriber.close()
        var volumes: [Int] = []
        for await message in subscriber.messages {
            if case .trigger(let trigger) = message.content { volumes.append(trigger.volume) }
        }
        #expect(volumes == Array(40..<50))
        await publisher.close()
    }

    @Test("a heartbeat never tells of messages that are still on their way, so that none is taken for lost")
    func heartbeats() async throws {
        let publisher = try await makePublisher { settings in
            settings.queue = 10_000
            settings.heartbeatInterval = .microseconds(50)
        }
        let subscriber = try await PerceptSubscriber(publisher.address, buffer: 10_000)
        try await sendTriggers(5_000, from: publisher, to: subscriber)
        #expect(subscriber.counters.missed == 0)
        await subscriber.close()
        await publisher.close()
    }
}
