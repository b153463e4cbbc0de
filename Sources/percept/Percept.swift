import ArgumentParser
import CLinux

@main
struct Percept: AsyncParsableCommand {
    static let version = "0.1.0"
    /// What provenance calls this program.
    static let creator = "percept \(version)"

    static let configuration = CommandConfiguration(
        commandName: "percept",
        abstract: "Trains, imports, inspects and runs decoders of images from fMRI.",
        version: version,
        subcommands: [
            DemoCommand.self, ImportCommand.self, InspectCommand.self, PreprocessCommand.self, TrainCommand.self,
            DecodeCommand.self, EvaluateCommand.self, BenchmarkCommand.self, DoctorCommand.self, KeygenCommand.self,
            ParityCommand.self, ReplayCommand.self, SessionsCommand.self, SimulateCommand.self, VerifyCommand.self,
            WatchCommand.self,
        ]
    )

    /// Whoever follows a command through a file or a pipe sees each line as it is printed.
    static func main() async {
        percept_line_buffer_output()
        await main(nil)
    }
}
