import Foundation
import Neuroimaging
import Settings
import SharedMaterial
import Testing
import WireFormat

@testable import Streaming

@Suite("Pyneal source")
struct PynealSourceTests {
    private func source(
        trusted: [String] = ["127.0.0.1"],
        silence: Double = 60,
        planned: Int? = nil,
        largestMessage: Int = 1 << 26
    ) async throws -> (PynealSource, String) {
        var settings = PynealInputSettings()
        settings.bind = "tcp://127.0.0.1:*"
        (settings.trusted, settings.silence, settings.largestMessage) = (trusted, silence, largestMessage)
        let source = PynealSource(settings: settings, session: "s", plannedVolumes: planned)
        return (source, try await source.listen())
    }

    @Test("a run arrives in lock step, reordered to RAS+ by the sender, with the same values at the same places")
    func run() async throws {
        let (source, address) = try await source()
        try await withSource(source) { inputs in
            let sender = try PynealSender(address: address, timeout: 600)
            try await sender.connect()
            for index in 0..<3 {
                let answer = try await sender.send(SmallRun.volume(index), index: index, repetitionTime: 0.72)
                #expect(answer == "received volIdx \(index)")
                // It is answered once it is delivered.
                #expect(inputs.volumes.map(\.index) == Array(0...index))
            }
            for volume in inputs.volumes {
                let sent = try SmallRun.volume(volume.index).volume.reordered()
                #expect(volume.volume.dataType == .float64)
                #expect(volume.volume.volume == sent)
                #expect(volume.repetitionTime == 0.72)
                #expect(volume.volume.grid.orientation == .ras)
            }
            #expect(inputs.starts.map(\.run) == ["run-1"])
            await sender.close()
        }
    }

    @Test("a sender that is killed and one that comes after it are both served, as two runs")
    func restart() async throws {
        let (source, address) = try await source()
        try await withSource(source) { inputs in
            for _ in 0..<2 {
                let sender = try PynealSender(address: address, timeout: 600)
                try await sender.connect()
                for index in 0..<2 {
                    try await sender.send(SmallRun.volume(index), index: index, repetitionTime: 2)
                }
                await sender.close()
            }
            #expect(await inputs.wait { $0.volumes.count == 4 })
            #expect(inputs.starts.map(\.run) == ["run-1", "run-2"])
            #expect(inputs.ends == ["run-1"])
        }
    }

    @Test("a second sender waits for its turn, is named, and is served once the first is gone")
    func turns() async throws {
        let (source, address) = try await source()
        try await withSource(source) { inputs in
            let first = try PynealSender(address: address, timeout: 600)
            try await first.connect()
            let second = try PynealSender(address: address, timeout: 60)
            let greeting = Task { try await second.connect() }
            #expect(await inputs.wait { !$0.faults(.refused).isEmpty })
            #expect(inputs.faults(.disconnected).isEmpty)

            try await first.send(SmallRun.volume(0), index: 0, repetitionTime: 2)
            await first.close()
            #expect(await inputs.wait { !$0.faults(.disconnected).isEmpty })
            try await greeting.value
            try await second.send(SmallRun.volume(1), index: 1, repetitionTime: 2)
            #expect(inputs.volumes.map(\.index) == [0, 1])
            await second.close()
        }
    }

    @Test("what is malformed is answered, and the sender goes on")
    func malformed() async throws {
        let (source, address) = try await source()
        try await withSource(source) { inputs in
            let sender = try PynealSender(address: address, timeout: 600)
            try await sender.connect()
            for parts in [[Array("{}".utf8), [1, 2, 3]], [[1], [2], [3]], [[UInt8](repeating: 1, count: 5000)]] {
                #expect(String(decoding: try await sender.ask(parts), as: UTF8.self) == "refused")
            }
            try await sender.send(SmallRun.volume(0), index: 0, repetitionTime: 2)
            #expect(inputs.volumes.count == 1)
            #expect(inputs.faults(.malformed).count == 3)
            await sender.close()
        }
    }

    @Test("a message beyond the limit costs the peer its connection, and no memory")
    func tooLarge() async throws {
        let (source, address) = try await source(largestMessage: 100_000)
        try await withSource(source) { inputs in
            let sender = try PynealSender(address: address, timeout: 600)
            try await sender.connect()
            let asking = Task { try await sender.ask([[UInt8](repeating: 1, count: 200_000)]) }
            #expect(await inputs.wait { !$0.faults(.disconnected).isEmpty })
            asking.cancel()
            _ = try? await asking.value
            await sender.close()

            let next = try PynealSender(address: address, timeout: 600)
            try await next.connect()
            try await next.send(SmallRun.volume(0), index: 0, repetitionTime: 2)
            #expect(inputs.volumes.count == 1)
            await next.close()
        }
    }

    @Test("a run ends when nothing comes any more")
    func silence() async throws {
        let (source, address) = try await source(silence: 0.1)
        try await withSource(source) { inputs in
            let sender = try PynealSender(address: address, timeout: 600)
            try await sender.connect()
            try await sender.send(SmallRun.volume(0), index: 0, repetitionTime: 2)
            #expect(await inputs.wait { $0.ends == ["run-1"] })
            await sender.close()
        }
    }

    @Test("peers that are not trusted are refused")
    func trust() async throws {
        let (source, address) = try await source(trusted: ["192.168"])
        try await withSource(source) { inputs in
            let sender = try PynealSender(address: address, timeout: 600)
            let greeting = Task { try await sender.connect() }
            #expect(await inputs.wait { !$0.faults(.refused).isEmpty })
            greeting.cancel()
            await #expect(throws: StreamingError.self) { try await greeting.value }
            #expect(inputs.volumes.isEmpty)
            await sender.close()
        }
    }

    @Test("a port in use is said so, and one is free again after a source has ended")
    func ports() async throws {
        let (source, address) = try await source()
        var settings = PynealInputSettings()
        settings.bind = address
        let other = PynealSource(settings: settings, session: "s")
        await #expect(throws: StreamingError.self) { try await other.listen() }
        try await withSource(source) { _ in }
        try await withSource(other) { _ in
            let again = try await other.listen()
            #expect(again == address)
        }
    }

    @Test("a sender without receiver gives up in time")
    func timeout() async throws {
        let sender = try PynealSender(address: "tcp://127.0.0.1:1", timeout: 0.1)
        await #expect(throws: StreamingError.self) { try await sender.connect() }
        await sender.close()
    }

    @Test(
        "a real run comes as it is read from its file",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"),
        arguments: [true, false]
    )
    func realRun(isCanonical: Bool) async throws {
        let path = try SharedMaterial.url("data/pyneal-scanners/tests/testData/testSeries.nii.gz").path
        let run = try AcquiredRun(path: path)
        let (source, address) = try await source()
        try await withSource(source) { inputs in
            let sender = try PynealSender(address: address, timeout: 600)
            try await sender.connect()
            for index in 0..<2 {
                let volume = StoredVolume(try run.volume(index))
                try await sender.send(volume, index: index, repetitionTime: 1, isCanonical: isCanonical)
            }
            for volume in inputs.volumes {
                let read = try run.volume(volume.index)
                let expected = isCanonical ? read.reordered() : read
                #expect(volume.volume.grid.matches(expected.grid, tolerance: 1e-3))
                #expect(volume.volume.volume.voxels == expected.voxels)
            }
            #expect(inputs.volumes.count == 2)
            await sender.close()
        }
    }

    @Test("the sniffer tells a Pyneal sender by its socket")
    func sniffing() async throws {
        let sniffer = try PeerSniffer(host: "127.0.0.1", port: 0)
        let sender = try PynealSender(address: "tcp://127.0.0.1:\(sniffer.port)", timeout: 600)
        let greeting = Task { try await sender.connect() }
        let found = try #require(try await sniffer.describePeer(timeout: 600, listening: 1))
        #expect(found.description.input == "pyneal")
        #expect(found.description.words.hasSuffix("PAIR"))
        greeting.cancel()
        await sender.close()
    }
}
