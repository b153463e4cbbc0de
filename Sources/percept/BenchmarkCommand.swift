import ArgumentParser

struct BenchmarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measure the networks, the preprocessing or the daemon on this machine.",
        subcommands: [
            NetworkBenchmarkCommand.self, TrainingBenchmarkCommand.self, PreprocessingBenchmarkCommand.self,
            LiveBenchmarkCommand.self,
        ],
        defaultSubcommand: NetworkBenchmarkCommand.self
    )
}
