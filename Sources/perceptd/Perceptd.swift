import ArgumentParser
import Foundation
import Live
import Logging
import Settings

@main
struct Perceptd: AsyncParsableCommand {
    static let version = "0.1.0"
    static let configuration = CommandConfiguration(
        commandName: "perceptd",
        abstract: "Decodes a scan while it runs.",
        discussion: "SIGTERM stops it, a second one at once; SIGHUP reads the settings again.",
        version: version
    )

    @Option(help: ArgumentHelp("The settings, such as /etc/percept/perceptd.yaml.", valueName: "file"))
    var config: String

    @Flag(help: "Only check the settings, and name every mistake.")
    var checkConfig = false

    @Option(
        help: ArgumentHelp(
            "The least important messages, whatever the settings say: trace … critical.",
            valueName: "level"
        )
    )
    var logLevel: String?

    @Flag(help: "Stop when standard input ends, as it does when the program that started this one is gone.")
    var stopWithInput = false

    func validate() throws {
        guard let logLevel, Logger.Level(rawValue: logLevel) == nil else { return }
        throw ValidationError("--log-level is one of \(DaemonSettings.logLevels.joined(separator: ", ")).")
    }

    func run() async throws {
        do {
            var settings = try DaemonSettings(contentsOf: config)
            if checkConfig { return print("\(config): settings are right") }
            if let logLevel { settings.logLevel = logLevel }
            if stopWithInput { Self.stopAtEndOfInput() }
            let journal = Journal(level: Logger.Level(rawValue: settings.logLevel) ?? .info)
            defer { journal.flush() }
            try await DaemonShell(
                settings: settings,
                settingsFile: config,
                journal: journal,
                overridesLogLevel: logLevel != nil,
                makePipeline: Pipeline.make
            ).run()
        } catch {
            FailureLine(error, all: checkConfig).write()
            throw ExitCode(ExitStatus(error).rawValue)
        }
    }

    private static func stopAtEndOfInput() {
        Thread.detachNewThread {
            while !FileHandle.standardInput.availableData.isEmpty {}
            kill(getpid(), SIGTERM)
        }
    }
}
