import ArgumentParser
import Foundation
import Terminal

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show a live session in a terminal.",
        discussion: """
            Motion, quality, latencies, trials and the latest image, as perceptd publishes them; q quits. Without a \
            terminal, or with --plain, each volume, pattern, image and fault becomes a line. The daemon never waits for a \
            viewer: what it cannot show in time is left out and counted.
            """
    )

    @Option(help: "The address that perceptd publishes at; by default tcp://127.0.0.1:5570.")
    var subscribe: String?

    @Option(help: "The daemon's settings file, for address and keys.")
    var config: String?

    @Option(help: "The file of this viewer's key pair, for a daemon with keys.")
    var key: String?

    // A key may begin with a dash.
    @Option(parsing: .unconditional, help: "The daemon's public key, or the name of a file with it.")
    var publisher: String?

    @Flag(help: "Print one picture once there are a status, a volume and an image, and end.")
    var once = false

    @Option(help: "With --once: how long they are waited for, in s.")
    var wait = 30.0

    @Flag(help: "Write a line for each event; with --once, a picture without colours.")
    var plain = false

    @Option(help: "Columns of the view; by default the terminal's.")
    var width: Int?

    @Option(help: "Rows of the view; by default the terminal's.")
    var height: Int?

    @Option(help: "The framewise displacement above which volumes are marked, in mm.")
    var motionLimit = 0.5

    func validate() throws {
        for (name, value) in [("width", width), ("height", height)] {
            if let value, !(1...1000).contains(value) { throw ValidationError("--\(name) must be from 1 to 1000.") }
        }
        guard wait > 0, wait <= 86_400 else { throw ValidationError("--wait must be from 0 to 86400 s.") }
        guard motionLimit > 0, motionLimit <= 100 else {
            throw ValidationError("--motion-limit must be above 0 and at most 100 mm.")
        }
        if config == nil, (key == nil) != (publisher == nil) {
            throw ValidationError("--key and --publisher belong together.")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            var target = try WatchTarget(subscribe: subscribe, config: config, key: key, publisher: publisher)
            target.settings.displacementThreshold = motionLimit
            let depth = plain ? .none : ColourDepth(environment: ProcessInfo.processInfo.environment)
            if once {
                try await WatchOnce(target: target, wait: wait, width: width, height: height, depth: depth).run()
            } else if plain || !TerminalDevice.isThere {
                try await WatchLog(target: target).run()
            } else {
                try await WatchScreen(target: target, width: width, height: height, depth: depth).run()
            }
        }
    }
}
