import Foundation
import TestSupport
import Testing

@testable import Live

@Suite("The daemon as a service", .serialized)
struct ServiceLifecycleTests {
    private let socket: NotificationSocket

    init() throws {
        socket = try NotificationSocket(name: "/tmp/percept-\(UUID().uuidString.prefix(12)).socket")
    }

    private func fake(_ mode: String, watchdog: Duration? = nil) throws -> ServiceProcess {
        let service = try ServiceProcess("FakeDaemon", environment: ["FAKE_MODE": mode])
        service.notify(socket, watchdog: watchdog)
        try service.start()
        return service
    }

    private func has(_ text: String) -> Bool { socket.messages.contains { $0.contains(text) } }
    private var signsOfLife: Int { socket.messages.filter { $0 == "WATCHDOG=1" }.count }

    @Test(
        "says that it is ready, feeds the watchdog, and ends well on SIGTERM and SIGINT",
        arguments: [SIGTERM, SIGINT]
    )
    func stop(signal: Int32) async throws {
        let service = try fake("good", watchdog: .milliseconds(200))
        #expect(await eventually { has("READY=1\nSTATUS=ready") && signsOfLife > 5 && has("STATUS=run 1") })
        #expect(has("EXTEND_TIMEOUT_USEC=30000000"))
        service.signal(signal)
        #expect(await service.end() == 0)
        #expect(has("STOPPING=1"))
        #expect(service.log.contains("notice stopping signal="))
        #expect(service.log.contains("notice stopped\n"))
        socket.close()
    }

    @Test("does not feed the watchdog while a lane is stuck, and says which")
    func stuck() async throws {
        let service = try fake("hangs", watchdog: .milliseconds(200))
        #expect(await eventually { service.log.contains("error lane does not get on lane=volumes seconds=") })
        let count = signsOfLife
        try await Task.sleep(for: .milliseconds(600))
        #expect(signsOfLife <= count + 1)
        #expect(count > 0)
        service.signal(SIGTERM)
        #expect(await service.end() == 0)
        socket.close()
    }

    @Test("does not feed the watchdog while no task can run")
    func blocked() async throws {
        let service = try fake("blocksTasks", watchdog: .milliseconds(200))
        #expect(await eventually { has("READY=1") })
        try await Task.sleep(for: .milliseconds(2000))
        let count = signsOfLife
        try await Task.sleep(for: .milliseconds(600))
        #expect(signsOfLife == count)
        #expect(count > 0)
        service.signal(SIGKILL)
        #expect(await service.end() != nil)
        socket.close()
    }

    @Test("reads its settings again on SIGHUP, and keeps them if the file is wrong")
    func reload() async throws {
        let service = try fake("good")
        #expect(await eventually { has("READY=1") })
        try service.write("bundle: other.percept\nlogLevel: error\n")
        service.signal(SIGHUP)
        #expect(await eventually { has("STATUS=run 1, level error") })
        #expect(socket.messages.contains { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
        #expect(socket.messages.filter { $0.hasPrefix("READY=1") }.count == 2)
        try service.write("bundle: [\n")
        service.signal(SIGHUP)
        #expect(await eventually { service.log.contains("error settings stay as they were problem=") })
        #expect(await eventually { socket.messages.filter { $0.hasPrefix("READY=1") }.count == 3 })
        try service.write("bundle: other.percept\nlogLevel: info\n")
        service.signal(SIGHUP)
        #expect(await eventually { service.log.contains("setting changes only with a restart key=decoding.enabled") })
        #expect(service.log.contains("setting changes only with a restart key=bundle"))
        service.signal(SIGTERM)
        #expect(await service.end() == 0)
        socket.close()
    }

    @Test("ends at once on a second signal, and after 5 s by itself, if the pipeline does not stop")
    func force() async throws {
        let service = try fake("neverStops")
        #expect(await eventually { has("READY=1") })
        service.signal(SIGTERM)
        #expect(await eventually { has("STOPPING=1") })
        service.signal(SIGTERM)
        #expect(await service.end() == 75)
        #expect(service.log.contains("critical forced to stop"))
        let other = try fake("neverStops")
        #expect(await eventually { other.log.contains("notice ready") })
        other.signal(SIGTERM)
        #expect(await other.end() == 70)
        #expect(other.log.contains("critical did not stop in time"))
        socket.close()
    }

    @Test("stops at once while it loads")
    func loading() async throws {
        let service = try fake("loadsForever")
        #expect(await eventually { service.log.contains("notice starting") })
        service.signal(SIGTERM)
        #expect(await service.end() == 0)
        #expect(!has("READY=1"))
        socket.close()
    }

    @Test(
        "that fails ends with a status of sysexits and one line",
        arguments: [
            ("failsToLoad", 78, "a.percept: has no mask\n"),
            ("fails", 69, "perceptd: tcp://127.0.0.1:5570: is in use; choose another\n"),
            ("ends", 69, "perceptd: pipeline: ended by itself; look for the reason in the log before\n"),
        ] as [(String, Int32, String)]
    )
    func failures(mode: String, status: Int32, line: String) async throws {
        let service = try fake(mode)
        #expect(await service.end() == status)
        #expect(service.process.terminationReason == .exit)
        let lines = service.log.split(separator: "\n").filter { $0.hasPrefix("perceptd: ") }
        #expect(lines.count == 1)
        #expect(service.log.hasSuffix(line))
        socket.close()
    }
}
