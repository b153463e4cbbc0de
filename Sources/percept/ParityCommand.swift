import ArgumentParser
import Foundation
import Parity

/// `percept parity`.
struct ParityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parity",
        abstract: "Compares this program with recorded outputs of the reference.",
        discussion: """
            DIR holds manifest.json and the files that it describes. Every check is a line: whether it passed, what was \
            compared, the worst error and the tolerance. The exit status is 1 if a check fails, or if there is nothing \
            to check.
            """
    )

    @Argument(help: ArgumentHelp("The folder with the recorded outputs.", valueName: "dir"))
    var folder: String

    func run() async throws {
        try await CommandFailure.reporting {
            let folder = try open()
            let report = ParityReport.run(in: folder) { print($0) }
            if !report.passed { throw ExitCode(1) }
        }
    }

    private func open() throws -> FixtureFolder {
        do {
            return try FixtureFolder(URL(fileURLWithPath: folder))
        } catch let error as ParityError {
            throw CommandFailure(error.code == .notFound ? .noInput : .badData, error.description)
        }
    }
}
