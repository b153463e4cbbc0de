import Foundation
import Images
import Streaming
import Terminal
import TestSupport
import Testing

/// `percept watch --once` as a process of its own.
private struct Watch {
    let process: ServiceProcess
    private let file: URL

    init(_ arguments: [String]) throws {
        process = try ServiceProcess("percept")
        file = process.folder.appendingPathComponent("output.txt")
        try Data().write(to: file)
        process.process.arguments = ["watch", "--once", "--width", "120", "--height", "40"] + arguments
        process.process.standardOutput = try FileHandle(forWritingTo: file)
    }

    /// What it printed.
    var lines: [String] {
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The line of the view that begins with a word.
    func line(_ word: String) -> String? { lines.first { $0.hasPrefix("\(word) ") } }
}

extension DaemonTests {
    /// Sends runs until the process has ended: it may have come too late for the images of the first one.
    private func watch(_ bench: DaemonBench, _ arguments: [String]) async throws -> Watch {
        let watch = try Watch(arguments)
        try watch.process.start()
        for _ in 0..<100 where watch.process.process.isRunning {
            let session = "watched-\(UUID().uuidString.prefix(8))"
            try bench.scanner.begin(session: session)
            for index in bench.scanner.scan.volumes.indices where watch.process.process.isRunning {
                try bench.scanner.send(index, session: session)
                try await Task.sleep(for: .milliseconds(50))
            }
            try bench.scanner.end(session: session)
        }
        #expect(await watch.process.end() == 0, "\(watch.process.log)\n\(bench.log)")
        return watch
    }

    /// What is shown is what the daemon published.
    private func check(_ watch: Watch, _ bench: DaemonBench) throws {
        let view = Comment(rawValue: watch.lines.joined(separator: "\n"))
        let session = try #require(watch.lines.first?.firstMatch(of: #/^percept watch  (watched-\w+) / r1 /#)?.1, view)

        let volume = try #require(watch.lines.firstMatch(of: #/Motion ─+ volume (\d+) ─/#).flatMap { Int($0.1) }, view)
        let motion = try #require(
            bench.history.motions.last { $0.session == session && $0.body.index == volume }?.body,
            view
        )
        let moved = try #require(watch.line("moved"), view)
        for (axis, value) in zip("xyz", motion.translation) {
            let shown = try #require(moved.split(separator: "\(axis) ").dropFirst().first, view)
            let number = try #require(shown.split(separator: " ").first.flatMap { Double($0) }, view)
            #expect(abs(number - value) < 0.0051, view)
        }

        // The first image may come before the status that counts it.
        let numbers = try #require(watch.line("volume"), view).split(separator: " ").dropFirst().prefix(4)
        #expect(numbers.count == 4 && numbers.allSatisfy { Double($0).map { $0 > 0 && $0 < 60_000 } ?? false }, view)

        let trial = try #require(watch.lines.firstMatch(of: #/trial (\d+)  face/#).flatMap { Int($0.1) }, view)
        // It may be one of the run before. The panel chooses the size; small drawings might be found in larger ones.
        let drawings = try bench.history.images.filter { $0.body.trial == trial }.flatMap { image in
            let pixels = try PNG.decode(Data(image.png), name: "image")
            return (16...40).map { BlockImage.canvas(pixels, columns: 65, rows: $0, as: .letters).lines }
        }
        let shown = drawings.last { drawing in
            drawing.allSatisfy { row in watch.lines.contains { $0.contains(row) } }
        }
        #expect(Set(try #require(shown, view).joined()).count > 2, view)
    }

    @Test("is shown by percept watch as it is: motion, latencies and the latest image")
    func watched() async throws {
        let bench = try await DaemonBench()
        try await bench.startHeard()
        let settings = try #require(bench.daemon?.settingsFile.path)
        for target in [["--subscribe", bench.output], ["--config", settings]] {
            try check(try await watch(bench, target), bench)
        }
        #expect(await bench.stop() == 0)
        await bench.close()
    }

    @Test("is shown to a viewer with a key that it knows, and to no other")
    func watchedWithKeys() async throws {
        let (own, scannerKeys, friend) = (try CurveKeyPair(), try CurveKeyPair(), try CurveKeyPair())
        let (viewer, stranger) = (try CurveKeyPair(), try CurveKeyPair())
        let bench = try await DaemonBench(
            security: (
                SocketSecurity(keys: scannerKeys, allowed: [own.publicKey]),
                SocketSecurity(keys: friend, publisher: own.publicKey)
            )
        )
        for (name, keys) in [("own", own), ("viewer", viewer), ("stranger", stranger)] {
            try keys.write(to: bench.folder.path("\(name).key"))
        }
        bench.settings["security"] = [
            "key": bench.folder.path("own.key"), "publisher": "'\(scannerKeys.publicKey)'",
            "allowed": "['\(friend.publicKey)', '\(viewer.publicKey)']",
        ]
        try await bench.startHeard()
        let settings = try #require(bench.daemon?.settingsFile.path)
        let key = ["--key", bench.folder.path("viewer.key")]
        for target in [
            ["--config", settings] + key, ["--subscribe", bench.output, "--publisher", own.publicKey] + key,
        ] {
            try check(try await watch(bench, target), bench)
        }
        let other = try Watch(["--config", settings, "--key", bench.folder.path("stranger.key"), "--wait", "2"])
        try other.process.start()
        #expect(await other.process.end() == 69)
        #expect(other.lines.joined() == "")
        #expect(await bench.stop() == 0)
        await bench.close()
    }
}

extension [String] {
    /// The first match among these lines.
    fileprivate func firstMatch<Output>(of pattern: some RegexComponent<Output>) -> Regex<Output>.Match? {
        for line in self {
            if let match = line.firstMatch(of: pattern) { return match }
        }
        return nil
    }
}
