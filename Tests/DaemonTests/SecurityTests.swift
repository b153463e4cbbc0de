import Foundation
import Streaming
import TestSupport
import Testing

extension DaemonTests {
    /// Whether a subscriber hears anything of a daemon in some time that is enough for others.
    private func hears(_ bench: DaemonBench, _ security: SocketSecurity) async throws -> Bool {
        let history = try await History(bench.output, security: security)
        // The one that is allowed hears ten times a second.
        bench.history.forgetStatus()
        try #require(await eventually { bench.history.status != nil })
        for _ in 0..<5 {
            bench.history.forgetStatus()
            try #require(await eventually { bench.history.status != nil })
        }
        let heard = history.status != nil || !history.messages.isEmpty
        await history.close()
        return heard
    }

    @Test("speaks only with whom it is told to, says whom it refused, and lives on")
    func keys() async throws {
        let (own, friend, stranger) = (try CurveKeyPair(), try CurveKeyPair(), try CurveKeyPair())
        let scannerKeys = try CurveKeyPair()
        let bench = try await DaemonBench(
            security: (
                SocketSecurity(keys: scannerKeys, allowed: [own.publicKey]),
                SocketSecurity(keys: friend, publisher: own.publicKey)
            )
        )
        try own.write(to: bench.folder.path("own.key"))
        bench.settings["security"] = [
            "key": bench.folder.path("own.key"), "publisher": "'\(scannerKeys.publicKey)'",
            "allowed": "['\(friend.publicKey)']",
        ]
        try await bench.startHeard()
        #expect(try await !hears(bench, SocketSecurity(keys: stranger, publisher: own.publicKey)))
        try #require(await eventually { bench.log.contains(stranger.publicKey) }, "\(bench.log)")
        #expect(try await !hears(bench, .plain))
        #expect(try await !hears(bench, SocketSecurity(keys: friend, publisher: stranger.publicKey)))
        #expect(try await hears(bench, SocketSecurity(keys: friend, publisher: own.publicKey)))
        // And volumes come through, encrypted.
        try bench.scanner.begin()
        try bench.scanner.send(0..<3)
        try #require(await eventually { bench.history.motions.count == 3 }, "\(bench.log)")
        #expect(await bench.stop() == 0)
        let secret = try String(contentsOfFile: bench.folder.path("own.key"), encoding: .utf8)
            .split(separator: "\n").first { $0.hasPrefix("secret") }?.split(separator: " ").last
        #expect(!bench.log.contains(try #require(secret)))
        await bench.close()
    }

    @Test("takes nothing from a publisher whose key is another, or that does not know it, and says so")
    func publisherKeys() async throws {
        let (own, friend, scannerKeys) = (try CurveKeyPair(), try CurveKeyPair(), try CurveKeyPair())
        for allowed in [own.publicKey, friend.publicKey] {
            let bench = try await DaemonBench(
                security: (
                    SocketSecurity(keys: scannerKeys, allowed: [allowed]),
                    SocketSecurity(keys: friend, publisher: own.publicKey)
                )
            )
            try own.write(to: bench.folder.path("own.key"))
            let named = allowed == own.publicKey ? friend : scannerKeys
            bench.settings["security"] = [
                "key": bench.folder.path("own.key"), "publisher": "'\(named.publicKey)'",
                "allowed": "['\(friend.publicKey)']",
            ]
            try await bench.startHeard()
            try bench.scanner.begin()
            try bench.scanner.send(0..<3)
            let isSeen = await eventually { bench.history.status.map { $0.faults > 0 } ?? false }
            #expect(isSeen, "\(bench.log)")
            #expect(bench.history.motions.isEmpty)
            #expect(await bench.stop() == 0)
            await bench.close()
        }
    }
}
