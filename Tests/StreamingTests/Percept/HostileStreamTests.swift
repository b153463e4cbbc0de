import Foundation
import Neuroimaging
import Settings
import Synchronization
import Testing
import WireFormat

@testable import Streaming

@Suite("A stream that is not what it should be")
struct HostileStreamTests {
    private func stamp(_ publisher: StreamPublisher) -> MessageStamp {
        MessageStamp(session: "s", run: "r", publisher: publisher.identity, sequence: 1 << 40, sentAt: 0)
    }

    private func send(_ publisher: StreamPublisher, _ onset: Int) throws {
        try publisher.publish(EventBody(onset: Double(onset)), topic: .event, session: "s", run: "r")
    }

    private func header(_ changes: [String: String]) -> [UInt8] {
        var fields = [
            "protocol": "1", "session": "\"s\"", "run": "\"r\"", "publisher": "\"unknown/name\"", "sequence": "1",
            "sentAt": "0", "index": "0", "shape": "[2,1,1]", "dtype": "\"uint8\"",
            "affine": "[[2,0,0,0],[0,2,0,0],[0,0,2,0],[0,0,0,1]]", "checksum": "\"00000000\"",
        ]
        fields.merge(changes) { $1 }
        return Array("{\(fields.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}".utf8)
    }

    @Test("garbage is refused with a typed fault, and the next good message arrives")
    func garbage() async throws {
        let volume = Array("volume".utf8)
        let hostile: [(SourceFault.Code, [[UInt8]])] = [
            (.malformed, [[]]),
            (.malformed, [volume]),
            (.malformed, [volume, []]),
            (.malformed, [volume, Array("{".utf8), [1, 2]]),
            (.tooLarge, [volume, [UInt8](repeating: UInt8(ascii: "["), count: 60_000), []]),
            (.tooLarge, [volume, [UInt8](repeating: 32, count: 70_000), []]),
            (.tooLarge, [volume, header([:])] + [[UInt8]](repeating: [1], count: 12)),
            (.malformed, [volume, header([:]), [1, 2]]),
            (.refused, [volume, header(["protocol": "2", "publisher": "\"p\""]), [1, 2]]),
            (.malformed, [Array("resend".utf8), header([:])]),
        ]
        for (code, parts) in hostile {
            let publisher = try await makePublisher()
            try await listening(to: publisher) { source, inbox in
                #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
                try send(publisher, 0)
                publisher.sendRaw(parts)
                try send(publisher, 1)
                #expect(await eventually { inbox.onsets == [0, 1] })
                #expect(inbox.faults(code).count == 1, "\(parts.map(\.count)) \(inbox.faults)")
                #expect(source.counters.refused == 1 && source.counters.lost == 0)
            }
            await publisher.close()
        }
    }

    @Test(
        "a volume that claims too much is refused before memory is taken for it",
        arguments: [
            ("shape", "[1000,1000,1000]", SourceFault.Code.tooLarge),
            ("shape", "[9223372036854775807,9223372036854775807,2]", .tooLarge),
            ("shape", "[2,1]", .malformed),
            ("shape", "[-2,-1,1]", .malformed),
            ("affine", "[[0,0,0,0],[0,2,0,0],[0,0,2,0],[0,0,0,1]]", .malformed),
            ("affine", "[[1e999,0,0,0],[0,2,0,0],[0,0,2,0],[0,0,0,1]]", .malformed),
            ("index", "-1", .malformed),
            ("index", "10000001", .tooLarge),
            ("dtype", "\"complex64\"", .malformed),
            ("repetitionTime", "0", .malformed),
            ("checksum", "\"ffffffff\"", .corrupt),
        ]
    )
    func claims(field: String, value: String, code: SourceFault.Code) async throws {
        let publisher = try await makePublisher()
        try await listening(to: publisher) { _, inbox in
            #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
            let bytes: [UInt8] = [1, 2]
            let checksum = bytes.withUnsafeBytes { StoredVolume.checksum($0) }
            let header = header(
                [
                    "publisher": "\"\(publisher.identity)\"", "sequence": "0",
                    "checksum": "\"\(String(checksum, radix: 16))\"",
                ].merging([field: value]) { $1 }
            )
            // The number is taken, but the publisher keeps nothing under it.
            let lost = try publisher.publish(
                EventBody(),
                topic: .event,
                session: "s",
                run: "r",
                delivery: .damaged {
                    [Array("volume".utf8), header, bytes] + ($0.isEmpty ? $0 : [])
                }
            )
            #expect(lost == 0)
            try send(publisher, 1)
            #expect(await eventually { inbox.onsets.last == 1 })
            #expect(!inbox.faults(code).isEmpty, "\(inbox.faults)")
            #expect(inbox.volumes.isEmpty)
        }
        await publisher.close()
    }

    @Test("a part beyond the limit ends the connection, which comes back")
    func largestMessage() async throws {
        let publisher = try await makePublisher()
        try await listening(to: publisher, largestMessage: 100_000) { _, inbox in
            #expect(await publisher.waitForSubscriber(timeout: .seconds(600)))
            try send(publisher, 0)
            #expect(await eventually { inbox.onsets == [0] })
            publisher.sendRaw([Array("volume".utf8), [UInt8](repeating: 32, count: 200_000)])
            #expect(await eventually { !inbox.faults(.disconnected).isEmpty })
            try send(publisher, 1)
            #expect(await eventually { inbox.onsets == [0, 1] })
        }
        await publisher.close()
    }

    @Test("requests that cannot be read are counted, and good ones answered")
    func hostileRequests() async throws {
        let publisher = try await makePublisher()
        try send(publisher, 0)
        let dealer = try TestEndpoint()
        try await dealer.open(.dealer)
        try await dealer.connect(publisher.resendAddress)
        let requests: [[[UInt8]]] = [
            [[]], [Array("resend".utf8)], [Array("resend".utf8), Array("{}".utf8)],
            [Array("resend".utf8), Array("{\"protocol\":1,\"publisher\":\"p\",\"from\":5,\"through\":4}".utf8)],
            [[UInt8]](repeating: [1], count: 20),
        ]
        for request in requests { #expect(await eventually { await dealer.send(request) }) }
        #expect(await eventually { publisher.counters.refused == requests.count })
        let request = ResendRequest(publisher: publisher.identity, from: 0, through: 1 << 60)
        await dealer.send(try WireMessage(request).parts)
        var answers: [WireMessage] = []
        #expect(
            try await eventually {
                answers += try await dealer.take().map { try WireMessage(parts: $0) }
                return answers.count == 2
            }
        )
        #expect(answers.map(\.topic) == [.event, .resent])
        let answer = try answers[1].decode(ResendAnswer.self)
        #expect(answer.through == 1 << 60 && answer.oldest == 0 && answer.next == 1)
        await dealer.shutDown()
        await publisher.close()
    }

    @Test("a subscriber that reads nothing holds up neither the publisher nor others, and takes bounded memory")
    func slowSubscriber() async throws {
        let publisher = try await makePublisher { settings in
            settings.queue = 4
            settings.keptBytes = 16 << 20
        }
        let slow = try TestEndpoint()
        var options = SocketOptions()
        options.receiveQueue = 1
        try await slow.open(.subscriber, options, isReading: false)
        try await slow.connect(publisher.address)
        #expect(await eventually { await slow.events.contains { if case .connected = $0 { true } else { false } } })
        try await listening(to: publisher) { source, inbox in
            #expect(await eventually { !inbox.faults(.connected).isEmpty })
            let voxels = [UInt8](repeating: 3, count: 256 << 10)
            let grid = VoxelGrid(shape: [64, 64, 64], affine: .scaling([3, 3, 3]))
            let stored = try StoredVolume(grid: grid, dataType: .uint8, bytes: voxels)
            let before = try residentBytes()
            for index in 0..<1_000 {
                let body = try VolumeBody(stored, index: index)
                try publisher.publish(body, topic: .volume, session: "s", run: "r", payload: [voxels])
                // The pace of the fast one; nobody waits for the slow one.
                if index % 8 == 7 { #expect(await eventually { source.counters.messages > index - 8 }) }
            }
            #expect(await eventually { source.counters.messages >= 1_000 })
            let count = inbox.all.count
            #expect(count >= 1_000 && source.counters.lost == 0)
            // The inbox keeps the volumes that came (250 MB); a publisher without bounds would take as much again.
            #expect(try residentBytes() - before < 250 << 20 + 120 << 20)
        }
        await slow.shutDown()
        await publisher.close()
    }

    private func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
    }

    @Test("a publisher never says what a subscriber would refuse")
    func checkedBeforeSending() async throws {
        let publisher = try await makePublisher()
        #expect(throws: WireError.self) {
            try publisher.publish(TriggerBody(volume: -1, time: 0), topic: .trigger, session: "s", run: "r")
        }
        #expect(throws: WireError.self) {
            try publisher.publish(TriggerBody(volume: 0, time: 0), topic: .trigger, session: "a/b", run: "r")
        }
        #expect(throws: WireError.self) {
            try publisher.publish(EventBody(modulation: .nan), topic: .event, session: "s", run: "r")
        }
        #expect(publisher.counters.published == 0)
        await publisher.close()
    }
}
