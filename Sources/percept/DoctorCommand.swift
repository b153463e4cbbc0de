import ArgumentParser
import Foundation
import Live
import Settings

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examine the machine, the settings and everything that a scan needs, before the scan.",
        discussion: "Ends with 78 if settings, bundle or keys are wrong, and with 69 if something of the machine is."
    )

    @Option(help: ArgumentHelp("The settings of perceptd.", valueName: "file"))
    var config: String

    @Option(help: ArgumentHelp("Say what a peer sends within this time.", valueName: "seconds"))
    var listen: Double?

    @Flag(help: "Compare the files of the bundle with the digests that it records.")
    var deep = false

    @Flag(help: "Print what was found as JSON.")
    var json = false

    func validate() throws {
        if let listen, !(listen > 0 && listen <= 3600) { throw ValidationError("--listen is from 0 to 3600 s.") }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            var findings: [DoctorFinding] = []
            func add(_ new: [DoctorFinding]) {
                findings += new
                if !json { for finding in new { print(finding.text) } }
            }
            let settings: DaemonSettings
            do throws(SettingsError) {
                settings = try DaemonSettings(contentsOf: config)
                add([.ok("settings", config)])
            } catch {
                add(error.problems.map { .failed("settings", "\($0)", "") })
                return try end(findings, code: .configuration)
            }
            add(DoctorMachine.examine(settings))
            let (model, bundleFindings) = DoctorBundle.examine(settings, deep: deep)
            add(bundleFindings)
            let keys = DoctorNetwork.keys(settings)
            add(keys)
            let isWrong = (bundleFindings + keys).contains { $0.level == .failed }
            add(DoctorNetwork.addresses(settings))
            add(DoctorStorage.examine(settings, model: model))
            if let listen { add(await DoctorPeer.listen(settings, for: listen)) }
            try end(findings, code: isWrong ? .configuration : .unavailable)
        }
    }

    private func end(_ findings: [DoctorFinding], code: CommandFailure.Status) throws {
        if json { print(try InspectCommand.encode(findings)) }
        guard findings.contains(where: { $0.level == .failed }) else { return }
        throw ExitCode(code.rawValue)
    }
}
