import Foundation
import Streaming
import TestSupport
import Testing

/// A machine of its own for a daemon, beyond a cable that can be pulled: a network namespace and a pair of links.
private final class OtherMachine {
    let name = "percept\(Int.random(in: 1000...9999))"
    let here = "10.213.57.1"
    let there = "10.213.57.2"
    private var link: String { "v\(name.suffix(4))" }

    init() throws {
        try Self.ip("netns", "add", name)
        try Self.ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name)
        try Self.ip("addr", "add", "\(here)/24", "dev", link)
        try Self.ip("link", "set", link, "up")
        for command in [
            ["addr", "add", "\(there)/24", "dev", "eth0"], ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"],
        ] {
            try Self.ip(["-n", name] + command)
        }
    }

    deinit {
        try? Self.ip("link", "del", link)
        try? Self.ip("netns", "del", name)
    }

    func setLink(up isUp: Bool) throws { try Self.ip("link", "set", link, isUp ? "up" : "down") }

    static func ip(_ arguments: String...) throws { try ip(arguments) }

    static func ip(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ip"] + arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteNoPermission) }
    }

    static let isAvailable = (try? OtherMachine()) != nil
}

extension DaemonTests {
    @Test(
        "takes in everything soon after a cable was pulled for a while",
        .enabled(if: Robustness.repetitions != nil, "takes long; Tools/robustness/run does it"),
        .enabled(if: Robustness.repetitions != nil && OtherMachine.isAvailable, "network namespaces need root and ip")
    )
    func cutLink() async throws {
        let machine = try OtherMachine()
        let (own, other) = (try CurveKeyPair(), try CurveKeyPair())
        let output = "tcp://\(machine.there):\(FreePort.next())"
        let bench = try await DaemonBench(
            output: output,
            security: (
                SocketSecurity(keys: other, allowed: [own.publicKey]),
                SocketSecurity(keys: other, publisher: own.publicKey)
            )
        ) { settings in
            settings.publish = "tcp://\(machine.here):\(FreePort.next())"
            settings.resend = "tcp://\(machine.here):\(FreePort.next())"
        }
        bench.wrapper = ["/usr/bin/env", "ip", "netns", "exec", machine.name]
        try own.write(to: bench.folder.path("own.key"))
        bench.settings["security"] = [
            "key": bench.folder.path("own.key"), "publisher": "'\(other.publicKey)'",
            "allowed": "['\(other.publicKey)']",
        ]
        bench.settings["output"]?["resend"] = "tcp://\(machine.there):\(FreePort.next())"
        bench.settings["input"]?["repairDeadline"] = "60"
        try await bench.startHeard()
        let (scanner, count) = (bench.scanner, bench.scanner.scan.volumes.count)
        try scanner.begin()
        try scanner.send(0..<5)
        try #require(await eventually { bench.history.status?.volumes.processed == 5 }, "\(bench.log)")
        try machine.setLink(up: false)
        for index in 5..<25 {
            try scanner.send(index)
            try await Task.sleep(for: .milliseconds(1500))
        }
        bench.history.forgetStatus()
        try machine.setLink(up: true)
        let start = ContinuousClock.now
        try #require(await eventually { bench.history.status?.volumes.processed == 25 }, "\(bench.log)")
        let back = (ContinuousClock.now - start) / .seconds(1)
        #expect(back < 5)
        try scanner.send(25..<count)
        try scanner.end()
        let trials = scanner.scan.events.count
        let isDone = await eventually {
            bench.history.status.map { $0.state == "waiting" && $0.trials.decoded + $0.trials.cutShort == trials }
                ?? false
        }
        try #require(isDone, "\(bench.log)")
        #expect(await bench.stop() == 0)
        let validator = SessionValidator(store: bench.store, scan: scanner.scan)
        #expect(try validator.shortcomings(session: "s1") == [])
        Robustness.report(
            "cable pulled",
            "for 30 s: 20 volumes missed, all there \(String(format: "%.1f", back)) s later"
        )
        await bench.close()
    }
}
