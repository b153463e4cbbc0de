import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Live

@Suite("The log")
struct ServiceLogTests {
    /// A journal that writes to a pipe, with a clock that is set by hand.
    private final class Fixture: Sendable {
        let journal: Journal
        let pipe = Pipe()
        private let offset: Offset

        private final class Offset: Sendable { let duration = Mutex(Duration.zero) }

        init(hasPriorities: Bool = true, level: Logger.Level = .debug) {
            let start = SuspendingClock().now
            let offset = Offset()
            self.offset = offset
            journal = Journal(
                descriptor: pipe.fileHandleForWriting.fileDescriptor,
                level: level,
                hasPriorities: hasPriorities,
                now: { start + offset.duration.withLock { $0 } }
            )
        }

        func advance(_ duration: Duration) { offset.duration.withLock { $0 += duration } }

        /// All lines, after which nothing can be written.
        func lines() throws -> [String] {
            journal.flush(for: .seconds(10))
            journal.close()
            try pipe.fileHandleForWriting.close()
            let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            return text.split(separator: "\n").map(String.init)
        }
    }

    @Test("has one line for each message, with priority and values in the order of their keys")
    func lines() throws {
        let fixture = Fixture()
        var logger = fixture.journal.logger("test")
        logger[metadataKey: "run"] = "1"
        logger.info("volume came", metadata: ["volume": "7", "latencyMs": "8.5"])
        logger.critical("ends")
        logger.trace("is not important enough")
        logger.error("lost data", error: LiveError(.bundle, "a", "has no mask"))
        #expect(
            try fixture.lines() == [
                "<6>volume came latencyMs=8.5 run=1 volume=7", "<2>ends run=1",
                "<3>lost data error=\"a: has no mask\" run=1",
            ]
        )
    }

    @Test("without journald begins each line with time and level")
    func plain() throws {
        let fixture = Fixture(hasPriorities: false)
        fixture.journal.logger("test").notice("ready")
        let line = try #require(try fixture.lines().first)
        #expect(line.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z notice ready/) != nil)
    }

    @Test("cannot be forged by values")
    func forged() throws {
        let fixture = Fixture()
        let values: Logger.Metadata = [
            "a": "1\n<0>all is lost", "b": "", "c": "x=y", "d": "say \"hi\"", "e": "\u{1b}[31m\u{202e}\u{2028}",
            "f": "\\n",
            "g": "\(String(repeating: "x", count: 5000))",
        ]
        fixture.journal.logger("test").info("hello", metadata: values)
        let lines = try fixture.lines()
        #expect(lines.count == 1)
        #expect(
            lines[0].hasPrefix(
                #"<6>hello a="1\n<0>all is lost" b="" c="x=y" d="say \"hi\"" e=\u{1b}[31m\u{202e}\u{2028} f=\\n g=xxx"#
            )
        )
        #expect(lines[0].count < 2200)
    }

    @Test("counts repeated warnings instead of writing them all, and no other messages")
    func repetitions() throws {
        let fixture = Fixture()
        let logger = fixture.journal.logger("test")
        for index in 0..<50 {
            logger.warning("volume dropped", metadata: ["volume": "\(index)"])
            logger.error("volume lost")
        }
        logger.warning("another")
        fixture.journal.reportSuppressed()
        fixture.advance(.seconds(10))
        logger.warning("volume dropped", metadata: ["volume": "50"])
        for _ in 0..<20 { logger.warning("volume dropped") }
        fixture.advance(.seconds(11))
        fixture.journal.reportSuppressed()
        let lines = try fixture.lines()
        let warnings = lines.filter { $0.hasPrefix("<4>volume dropped") }
        #expect(warnings.count == 10 + 1 + 9 + 1)
        #expect(warnings[10] == "<4>volume dropped suppressed=40 volume=50")
        #expect(warnings.last == "<4>volume dropped suppressed=11")
        #expect(lines.filter { $0 == "<3>volume lost" }.count == 50)
        #expect(lines.filter { $0 == "<4>another" }.count == 1)
    }

    @Test("never makes anyone wait: lines that nobody reads are counted")
    func unread() throws {
        let fixture = Fixture()
        let logger = fixture.journal.logger("test")
        let text = String(repeating: "x", count: 100)
        for _ in 0..<6000 { logger.info("line", metadata: ["text": "\(text)"]) }
        var received = 0
        var buffer = Data()
        while !buffer.contains(Data("nobody read them count=".utf8)), received < 10_000 {
            buffer = fixture.pipe.fileHandleForReading.availableData
            received += 1
        }
        #expect(received < 10_000)
    }

    @Test("changes its level for all loggers, except those with one of their own")
    func level() throws {
        let fixture = Fixture(level: .info)
        let logger = fixture.journal.logger("test")
        var own = logger
        own.logLevel = .error
        logger.debug("a")
        fixture.journal.level = .debug
        logger.debug("b")
        own.warning("c")
        #expect(try fixture.lines() == ["<7>b"])
    }
}

@Suite("Progress")
struct ServiceProgressTests {
    @Test("is missing if a lane is busy for longer than its limit without getting on")
    func stalls() {
        let start = SuspendingClock().now
        let offset = Atomic(0)
        let monitor = ProgressMonitor { start + .seconds(offset.load(ordering: .relaxed)) }
        let (volumes, decoding) = (
            monitor.lane("volumes", limit: .seconds(5)), monitor.lane("decoding", limit: .seconds(60))
        )
        offset.store(100, ordering: .relaxed)
        #expect(monitor.stalls.isEmpty, "a lane rests at first")
        volumes.advance()
        decoding.advance()
        offset.store(105, ordering: .relaxed)
        #expect(monitor.stalls.isEmpty)
        offset.store(106, ordering: .relaxed)
        #expect(monitor.stalls == [ProgressMonitor.Stall(lane: "volumes", silence: .seconds(6))])
        volumes.advance()
        #expect(monitor.stalls.isEmpty)
        volumes.rest()
        offset.store(1000, ordering: .relaxed)
        #expect(monitor.stalls.map(\.lane) == ["decoding"])
    }
}

@Suite("Notifications")
struct ServiceNotifierTests {
    @Test("go nowhere without a service manager, or to one with a strange name")
    func none() {
        for environment in [
            [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "vsock:1"],
            ["NOTIFY_SOCKET": "/" + String(repeating: "a", count: 108)],
        ] {
            let notifier = ServiceNotifier(environment: environment.merging(["WATCHDOG_USEC": "1000"]) { $1 })
            #expect(notifier.socket == nil)
            #expect(notifier.watchdogInterval == nil)
            #expect(!notifier.send("READY=1"))
        }
    }

    @Test("arrive at named and abstract sockets, a status in one line", arguments: ["/tmp/percept-n-", "@percept-n-"])
    func arrive(prefix: String) async throws {
        let socket = try NotificationSocket(name: prefix + UUID().uuidString)
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": socket.name])
        notifier.ready(status: "a\nREADY=0")
        notifier.watchdog()
        #expect(await eventually { socket.messages == ["READY=1\nSTATUS=a READY=0", "WATCHDOG=1"] })
        socket.close()
    }

    @Test("of the watchdog are for the process that is named")
    func watchdog() {
        func interval(_ values: [String: String]) -> Duration? {
            ServiceNotifier(environment: values.merging(["NOTIFY_SOCKET": "/run/n"]) { $1 }).watchdogInterval
        }
        #expect(interval(["WATCHDOG_USEC": "2000000"]) == .seconds(2))
        #expect(interval(["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "\(getpid())"]) == .seconds(2))
        #expect(interval(["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "many"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "0"]) == nil)
    }
}
