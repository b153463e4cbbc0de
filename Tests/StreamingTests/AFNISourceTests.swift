import Foundation
import Neuroimaging
import Settings
import SharedMaterial
import Testing
import WireFormat

@testable import Streaming

@Suite("AFNI source")
struct AFNISourceTests {
    private func source(
        trusted: [String] = ["127.0.0.1"],
        largestVolume: Int = 1 << 24,
        taken: Set<String> = []
    ) throws -> (AFNISource, AFNISender) {
        var settings = AFNIInputSettings()
        (settings.controlPort, settings.dataPort) = (0, 0)
        (settings.trusted, settings.largestVolume) = (trusted, largestVolume)
        let source = AFNISource(settings: settings, session: "s", takenNames: taken)
        let ports = try source.listen()
        return (source, AFNISender(.init(controlPort: ports.control, dataPort: ports.data, timeout: 600)))
    }

    private func metadata(_ name: String? = nil) -> AFNIMetadata {
        var metadata = AFNIMetadata(grid: SmallRun.grid, datum: .short)
        (metadata.name, metadata.repetitionTime, metadata.plannedVolumes) = (name, 1.5, 3)
        return metadata
    }

    @Test("a run arrives as it was sent, from its start to its end")
    func run() async throws {
        let (source, sender) = try source()
        try await withSource(source) { inputs in
            try await sender.connect()
            try await sender.startRun(metadata("rest.nii"))
            for index in 0..<3 { try await sender.send(SmallRun.volume(index)) }
            try await sender.endRun()
            #expect(await inputs.wait { $0.ends.count == 1 })
            let run = try #require(inputs.starts.first)
            #expect((run.session, run.run) == ("s", "rest"))
            #expect((run.repetitionTime, run.plannedVolumes) == (1.5, 3))
            #expect(inputs.volumes.map(\.index) == [0, 1, 2])
            for volume in inputs.volumes {
                let sent = try SmallRun.volume(volume.index)
                #expect(volume.run == "rest")
                #expect(volume.volume.dataType == .int16)
                #expect(volume.volume.bytes == sent.bytes)
                #expect(volume.volume.grid.matches(sent.grid, tolerance: 1e-3))
            }
            #expect(inputs.faults.map(\.code) == [.connected])
            await sender.close()
        }
    }

    @Test("runs on one channel and on another one never share a name")
    func names() async throws {
        let (source, sender) = try source(taken: ["run-1"])
        try await withSource(source) { inputs in
            for _ in 0..<2 {
                try await sender.connect()
                for name in ["a", "a", nil] {
                    try await sender.startRun(metadata(name))
                    try await sender.send(SmallRun.volume(0))
                    try await sender.endRun()
                }
                let known = inputs.ends.count
                #expect(await inputs.wait { $0.ends.count % 3 == 0 && $0.ends.count >= known && !$0.ends.isEmpty })
                await sender.close()
                #expect(await inputs.wait { $0.faults(.disconnected).count == $0.faults(.connected).count })
            }
            #expect(await inputs.wait { $0.ends.count == 6 })
            #expect(inputs.ends == ["a", "a-2", "run-2", "a-3", "a-4", "run-3"])
            #expect(inputs.starts.map(\.run) == inputs.ends)
        }
    }

    @Test("a sender that is killed in a volume leaves a fault and an ended run, and the next one is served")
    func killed() async throws {
        let (source, sender) = try source()
        try await withSource(source) { inputs in
            try await sender.connect()
            try await sender.startRun(metadata())
            try await sender.send(SmallRun.volume(0))
            try await sender.send(SmallRun.volume(1).bytes[..<100])
            #expect(await inputs.wait { $0.volumes.count == 1 })
            await sender.close()
            #expect(await inputs.wait { $0.ends == ["run-1"] })
            let lost = try #require(inputs.faults(.truncated).first)
            #expect(lost.detail.contains("100 bytes"))

            try await sender.connect()
            try await sender.startRun(metadata())
            try await sender.send(SmallRun.volume(5))
            #expect(await inputs.wait { $0.volumes.count == 2 })
            #expect(inputs.starts.map(\.run) == ["run-1", "run-2"])
            await sender.close()
        }
    }

    @Test("garbage, half metadata, and claims that are too large are refused, and the next sender is served")
    func garbage() async throws {
        let (source, sender) = try source(largestVolume: 1000)
        let pieces: [([UInt8], SourceFault.Code)] = [
            (Array("GET / HTTP/1.1\r\n\r\n\0".utf8), .malformed), ([UInt8](repeating: 0x55, count: 40_000), .tooLarge),
            (Array("XYMATRIX 64 64\nTR 2".utf8), .truncated), (metadata().encoded + [1, 2, 3], .truncated),
            (Array("XYMATRIX 30000 30000 30000\nXYFOV 1 1 1\nXYZAXES R-L A-P I-S\0".utf8), .tooLarge),
        ]
        try await withSource(source) { inputs in
            for (bytes, code) in pieces {
                let known = inputs.faults(code).count
                try await sender.connect()
                try await sender.send(bytes[...])
                await sender.close()
                #expect(await inputs.wait { $0.faults(code).count > known })
            }
            try await sender.connect()
            try await sender.startRun(metadata())
            try await sender.send(SmallRun.volume(0))
            #expect(await inputs.wait { $0.volumes.count == 1 })
            await sender.close()
        }
    }

    @Test("a silent connection makes way for another one, a run does not")
    func oneAtATime() async throws {
        let (source, sender) = try source()
        let ports = try source.listen()
        let other = AFNISender(.init(controlPort: ports.control, dataPort: ports.data, timeout: 600))
        try await withSource(source) { inputs in
            try await other.connect()
            #expect(await inputs.wait { $0.faults(.connected).count == 1 })
            try await sender.connect()
            try await sender.startRun(metadata())
            try await sender.send(SmallRun.volume(0))
            #expect(await inputs.wait { $0.volumes.count == 1 })
            #expect(inputs.faults(.disconnected).count == 1)
            try await other.connect()
            #expect(await inputs.wait { $0.faults(.refused).count == 1 })
            try await sender.send(SmallRun.volume(1))
            #expect(await inputs.wait { $0.volumes.count == 2 })
            #expect(inputs.ends.isEmpty)
        }
    }

    @Test("a sender that falls silent in a volume is reported once, and may go on")
    func silence() async throws {
        var settings = AFNIInputSettings()
        (settings.controlPort, settings.dataPort) = (0, 0)
        let source = AFNISource(.init(name: "afni", input: settings, session: "s", channel: 0, patience: 0.05))
        let ports = try source.listen()
        let sender = AFNISender(.init(controlPort: ports.control, dataPort: ports.data, timeout: 600))
        try await withSource(source) { inputs in
            try await sender.connect()
            try await sender.startRun(metadata())
            let bytes = try SmallRun.volume(0).bytes
            try await sender.send(bytes[..<50])
            #expect(await inputs.wait { $0.faults(.disconnected).count == 1 })
            try await Task.sleep(for: .milliseconds(200))
            #expect(inputs.faults(.disconnected).count == 1)
            try await sender.send(bytes[50...])
            #expect(await inputs.wait { $0.volumes.count == 1 })
            await sender.close()
        }
    }

    @Test("a slow sender is waited for, byte by byte")
    func slow() async throws {
        let (source, sender) = try source()
        try await withSource(source) { inputs in
            try await sender.connect()
            for byte in try metadata().encoded + SmallRun.volume(0).bytes { try await sender.send([byte]) }
            #expect(await inputs.wait { $0.volumes.count == 1 })
            #expect(try inputs.volumes.first?.volume.bytes == SmallRun.volume(0).bytes)
            await sender.close()
        }
    }

    @Test("peers that are not trusted are refused")
    func trust() async throws {
        let (source, sender) = try source(trusted: ["192.168", "127.0.0.10"])
        try await withSource(source) { inputs in
            try? await sender.connect()
            #expect(await inputs.wait { !$0.faults(.refused).isEmpty })
            #expect(inputs.faults(.connected).isEmpty)
        }
        let trusted = TrustedPeers(starts: ["192.168.1", "10.", "fe80:"])
        for address in ["192.168.1.7", "10.0.0.1", "fe80::1", "::ffff:10.1.1.1"] { #expect(trusted.contains(address)) }
        for address in ["192.168.100.7", "11.0.0.1", "::1"] { #expect(!trusted.contains(address)) }
    }

    @Test("words on the control port that announce something else are reported")
    func control() async throws {
        let (source, _) = try source()
        let port = try source.listen().control
        let words: [(String, SourceFault.Code)] = [
            ("shm:grv:50K\0", .malformed), ("tcp:host:1\0", .refused),
            (String(repeating: "x", count: 2000), .malformed),
            ("tcp:host:1\nprogram\0", .malformed),
        ]
        try await withSource(source) { inputs in
            for (text, code) in words {
                let known = inputs.faults(code).count
                let socket = try TCPSocket.connect(host: "127.0.0.1", port: port)
                _ = Readiness.wait([(socket.descriptor, true)], timeout: 600)
                #expect(socket.write(Array(text.utf8)[...]) == .bytes(text.utf8.count))
                #expect(await inputs.wait { $0.faults(code).count > known })
            }
        }
    }

    @Test("a port in use is said so, and one is free again after a source has ended")
    func ports() async throws {
        let (source, _) = try source()
        let ports = try source.listen()
        var settings = AFNIInputSettings()
        (settings.controlPort, settings.dataPort) = (ports.control, ports.data)
        let other = AFNISource(settings: settings, session: "s")
        #expect(throws: StreamingError.self) { try other.listen() }
        try await withSource(source) { _ in }
        #expect(throws: Never.self) { try other.listen() }
    }

    @Test(
        "a real run comes as it is read from its file, as float and as short",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"),
        arguments: [AFNIMetadata.Datum.float, .short]
    )
    func realRun(_ datum: AFNIMetadata.Datum) async throws {
        let path = try SharedMaterial.url("data/pyneal-scanners/tests/testData/testSeries.nii.gz").path
        let run = try AcquiredRun(path: path)
        let (source, sender) = try source(largestVolume: 1 << 26)
        try await withSource(source) { inputs in
            try await sender.connect()
            var metadata = AFNIMetadata(grid: run.grid, datum: datum)
            metadata.isBigEndian = datum == .short
            try await sender.startRun(metadata)
            for index in 0..<3 { try await sender.send(StoredVolume(run.volume(index))) }
            #expect(await inputs.wait { $0.volumes.count == 3 })
            for volume in inputs.volumes {
                let expected = try run.volume(volume.index)
                #expect(volume.volume.grid.matches(expected.grid, tolerance: 1e-3))
                #expect(volume.volume.volume.voxels == expected.voxels)
            }
            await sender.close()
        }
    }
}
