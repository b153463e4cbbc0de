import ArgumentParser
import Foundation
import Sessions

struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "List, describe, check and export recorded sessions.",
        subcommands: [SessionsListCommand.self, SessionsShowCommand.self, SessionsExportCommand.self]
    )
}

/// Where sessions are.
struct SessionsLocation: ParsableArguments {
    @Option(help: "The folder that perceptd keeps sessions in: `state` of its settings.")
    var state = "/var/lib/percept"

    var store: SessionStore { SessionStore(folder: URL(fileURLWithPath: state)) }

    func session(_ name: String, in log: SessionLog) throws -> SessionRecord {
        if let session = try log.session(named: name) { return session }
        let known = try log.sessions().map(\.name)
        let list = known.isEmpty ? "there are none" : "there are " + known.suffix(10).joined(separator: ", ")
        throw SessionError(.missing, name, "there is no such session; \(list)")
    }
}

struct SessionsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List sessions.")

    @OptionGroup var location: SessionsLocation

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await CommandFailure.reporting {
            let sessions = try location.store.readLog().overviews(in: location.store)
            print(json ? try InspectCommand.encode(sessions) : SessionsText.list(sessions))
        }
    }
}

struct SessionsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Describe a session: its runs, volumes, motion, quality, latencies, trials, images and faults."
    )

    @OptionGroup var location: SessionsLocation

    @Argument(help: "The session.")
    var session: String

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Check the log's file, and that each recorded volume is what came.")
    var check = false

    func run() async throws {
        try await CommandFailure.reporting {
            let (store, log) = (location.store, try location.store.readLog())
            let record = try location.session(session, in: log)
            let summary = try SessionSummary(record, log: log, store: store)
            print(json ? try InspectCommand.encode(summary) : SessionsText.describe(summary))
            guard check else { return }
            let problems = try SessionCheck.problems(of: record, log: log, store: store)
            for problem in problems.prefix(20) { StandardError.write("percept: \(problem)\n") }
            guard problems.isEmpty else {
                throw CommandFailure(.badData, "\(session): \(problems.count) problems were found")
            }
            StandardError.write("percept: log and recordings are sound\n")
        }
    }
}

struct SessionsExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a session as a BIDS data set with derivatives, as CSV tables, or its images."
    )

    @OptionGroup var location: SessionsLocation

    @Argument(help: "The session.")
    var session: String

    @Option(help: "The folder to make; it must not exist, or be empty.")
    var out: String

    @Option(help: "The format.")
    var format = SessionExport.Format.bids

    func run() async throws {
        try await CommandFailure.reporting {
            let (store, log) = (location.store, try location.store.readLog())
            let record = try location.session(session, in: log)
            let target = URL(fileURLWithPath: out)
            let problems = try SessionExport.write(record, as: format, log: log, store: store, to: target)
            for problem in problems.prefix(20) { StandardError.write("percept: \(problem)\n") }
            print("wrote \(target.path)")
        }
    }
}

extension SessionExport.Format: ExpressibleByArgument {}
