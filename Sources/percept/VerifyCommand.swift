import ArgumentParser
import Decoder
import Foundation
import Live
import Sessions

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Process a recorded session again and compare every result with the stored one.",
        discussion: """
            Volumes are taken from the recordings in the order in which they were processed, events are announced where \
            they were, and every pattern and image is compared byte by byte. The exit status is 0 if all are identical, \
            65 if not.
            """
    )

    @Argument(help: "The session; `percept sessions list` shows them.")
    var session: String

    @Option(help: "The folder that perceptd keeps sessions in.")
    var state: String

    @Option(help: "The decoder bundle; by default the one that the session names.")
    var bundle: String?

    @Option(help: "The folder of preprocessing, if the bundle has none.")
    var preprocessing: String?

    @Flag(help: "Compare patterns only.")
    var patternsOnly = false

    @Option(help: "Threads; by default one per processor.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must be from 1 to 1024.") }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let store = SessionStore(folder: URL(fileURLWithPath: state))
            let log = try store.readLog()
            guard let record = try log.session(named: session) else {
                throw CommandFailure(.noInput, "\(session): there is no such session in \(state)")
            }
            let bundlePath = bundle ?? record.bundlePath
            guard let folder = preprocessing ?? (bundlePath.isEmpty ? nil : bundlePath) else {
                throw CommandFailure(
                    .usage,
                    "\(session) was recorded without a bundle; name what it was processed with by --preprocessing"
                )
            }
            let decodes = !patternsOnly && record.bundleHash != nil
            let verifier = try SessionVerifier(
                store: store,
                model: try ProcessingModel(PreprocessingFolder(URL(fileURLWithPath: folder))),
                bundle: decodes ? try DecoderBundle(opening: URL(fileURLWithPath: bundlePath)) : nil,
                threads: threads
            )
            let line = ProgressLine("verify", unit: "volumes and images", total: try total(record, log, decodes))
            let report = try verifier.verify(session) { line.update($0) }
            print(json ? try InspectCommand.encode(report) : Self.text(report))
            guard report.isIdentical else { throw ExitCode(CommandFailure.Status.badData.rawValue) }
        }
    }

    private func total(_ record: SessionRecord, _ log: SessionLog, _ decodes: Bool) throws -> Int {
        try log.runs(ofSession: record.id ?? 0).reduce(0) { sum, run in
            let id = run.id ?? 0
            let volumes = try log.volumes(ofRun: id).count { $0.status == .processed }
            return sum + volumes + (decodes ? try log.reconstructions(ofRun: id).count : 0)
        }
    }

    private static func text(_ report: SessionVerifier.Report) -> String {
        let counts =
            "\(report.session): \(report.runs) runs, \(report.volumes) volumes processed again; "
            + "\(report.patterns) patterns and \(report.images) images identical"
        guard !report.isIdentical else { return counts }
        return counts + ", \(report.differences.count) not:\n"
            + report.differences.map { "  \($0.run): \($0.subject): \($0.detail)" }.joined(separator: "\n")
    }
}
