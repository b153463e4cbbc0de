import Foundation

/// Where a demo puts what it makes: a new folder in a folder of such.
struct DemoFolder: Sendable {
    /// The most demos in a folder.
    private static let most = 9999

    let url: URL

    /// Makes the first of `demo-001`, `demo-002` and so on that is not there yet.
    init(in parent: URL) throws {
        do {
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            for number in 1...Self.most {
                let folder = parent.appendingPathComponent(String(format: "demo-%03d", number), isDirectory: true)
                if FileManager.default.fileExists(atPath: folder.path) { continue }
                // Fails if another made it meanwhile.
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
                url = folder.standardizedFileURL
                return
            }
        } catch {
            throw CommandFailure(.cannotCreate, "\(parent.path): cannot be written: \(error.localizedDescription)")
        }
        throw CommandFailure(.cannotCreate, "\(parent.path): has \(Self.most) demos; remove some")
    }

    /// The daemon's settings.
    var settings: URL { url.appendingPathComponent("perceptd.yaml") }
    /// The daemon's log.
    var log: URL { url.appendingPathComponent("perceptd.log") }
    /// The daemon's sessions.
    var state: URL { url.appendingPathComponent("state") }
    /// Each reconstruction.
    var images: URL { url.appendingPathComponent("reconstructions") }
    /// All of them beside what was seen.
    var sheet: URL { url.appendingPathComponent("contact-sheet.png") }
    /// Everything that was found.
    var record: URL { url.appendingPathComponent("demo.json") }
}

/// The settings of a demo's daemon.
struct DemoSettings {
    var bundle: URL
    var folder: DemoFolder
    /// Where the simulated scanner publishes, and repeats.
    var input: (publish: String, resend: String)
    /// Where the daemon publishes, and repeats.
    var output: (publish: String, resend: String)
    var sampler: String?
    var steps: Int?
    var threads: Int?

    /// The file.
    var yaml: String {
        var lines = [
            "# Settings of this demo's perceptd. Config/perceptd.yaml explains all that there are.",
            "bundle: \(Self.quoted(bundle.path))",
            "state: \(Self.quoted(folder.state.path))",
            "input: {kind: percept, subscribe: \"\(input.publish)\", resend: \"\(input.resend)\", repairDeadline: 10}",
            "output:",
            "  publish: \"\(output.publish)\"",
            "  resend: \"\(output.resend)\"",
            "  images: \(Self.quoted(folder.images.path))",
            "  queue: 4096",
            "  statusInterval: 0.2",
            // Faster than a scanner, more may wait than in a scan; how long it waits is shown.
            "ingest: {queue: 1024}",
            "decoding:",
            "  queue: 1024",
        ]
        if let sampler { lines.append("  sampler: \(sampler)") }
        if let steps { lines += ["  steps: \(steps)", "  fewestSteps: \(min(4, steps))"] }
        if let threads { lines.append("threads: {volumes: \(threads), decoding: \(threads)}") }
        return lines.map { $0 + "\n" }.joined()
    }

    /// A text as YAML takes it whatever it holds.
    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
