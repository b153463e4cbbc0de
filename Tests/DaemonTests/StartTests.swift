import Foundation
import Streaming
import TestSupport
import Testing

extension DaemonTests {
    /// Something that is wrong before a start, and how the daemon ends.
    struct Obstacle: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let status: Int32
        /// What the one line says.
        let says: String
        let prepare: @Sendable (DaemonBench) throws -> Void

        init(
            _ name: String,
            _ status: Int32,
            _ says: String,
            _ prepare: @escaping @Sendable (DaemonBench) throws -> Void
        ) {
            (testDescription, self.status, self.says, self.prepare) = (name, status, says, prepare)
        }
    }

    /// A file of a bundle that is not metadata or preprocessing.
    private static func weights(_ bench: DaemonBench) throws -> URL {
        let folder = URL(fileURLWithPath: bench.bundle)
        let files = try FileManager.default.contentsOfDirectory(atPath: bench.bundle).sorted()
        guard let name = files.first(where: { $0.hasSuffix(".safetensors") }) else { throw CocoaError(.fileNoSuchFile) }
        return folder.appendingPathComponent(name)
    }

    private static func allowed() throws -> String { "['\(try CurveKeyPair().publicKey)']" }

    static let obstacles = [
        Obstacle("no bundle", 66, "small.percept") { try FileManager.default.removeItem(atPath: $0.bundle) },
        Obstacle("no weights", 66, ".safetensors") { try FileManager.default.removeItem(at: weights($0)) },
        Obstacle("truncated weights", 78, ".safetensors") { bench in
            let file = try weights(bench)
            try (try Data(contentsOf: file)).dropLast(1000).write(to: file)
        },
        Obstacle("a bundle that is another folder", 66, "is the folder a decoder bundle?") {
            $0.settings["preprocessing"] = nil
            try FileManager.default.removeItem(atPath: $0.bundle)
            try FileManager.default.createDirectory(atPath: $0.bundle, withIntermediateDirectories: true)
        },
        Obstacle("a wrong setting", 78, "perceptd.yaml:") { $0.settings["ingest"]?["queue"] = "-1" },
        Obstacle("a port in use", 69, "cannot be bound") {
            $0.settings["output"]?["publish"] = $0.scanner.publisher.address
        },
        Obstacle("no key", 66, "none.key") {
            $0.settings["security"] = ["key": $0.folder.path("none.key"), "allowed": try allowed()]
        },
        Obstacle("a key that others can read", 78, "chmod 600") { bench in
            try CurveKeyPair().write(to: bench.folder.path("open.key"))
            chmod(bench.folder.path("open.key"), 0o644)
            bench.settings["security"] = ["key": bench.folder.path("open.key"), "allowed": try allowed()]
        },
        Obstacle("keys but nobody who may connect", 78, "security.allowed") { bench in
            try CurveKeyPair().write(to: bench.folder.path("lone.key"))
            bench.settings["security"] = ["key": bench.folder.path("lone.key")]
        },
        Obstacle("an address for everybody without keys", 78, "security") {
            $0.settings["output"]?["publish"] = "tcp://0.0.0.0:\(FreePort.next())"
        },
        Obstacle("a file in place of the state folder", 73, "state") {
            try Data([1]).write(to: URL(fileURLWithPath: $0.state))
        },
    ]

    @Test("says in one line what it cannot start with, and ends at once", arguments: obstacles)
    func start(_ obstacle: Obstacle) async throws {
        let bench = try await DaemonBench()
        try obstacle.prepare(bench)
        let start = ContinuousClock.now
        try bench.launch()
        let status = await bench.daemon?.end()
        let lines = bench.log.split(separator: "\n").filter { $0.hasPrefix("perceptd: ") }
        #expect(status == obstacle.status, "\(bench.log)")
        #expect(bench.daemon?.process.terminationReason == .exit)
        #expect(lines.count == 1 && bench.log.contains(obstacle.says), "\(bench.log)")
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(!bench.isReady)
        await bench.close()
    }
}
