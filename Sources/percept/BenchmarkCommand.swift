import ArgumentParser

struct BenchmarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measure the networks or the preprocessing on this machine.",
        subcommands: [NetworkBenchmarkCommand.self, PreprocessingBenchmarkCommand.self],
        defaultSubcommand: NetworkBenchmarkCommand.self
    )
}
