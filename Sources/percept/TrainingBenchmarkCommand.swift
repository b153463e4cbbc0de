import ArgumentParser
import Benchmarking
import Foundation

struct TrainingBenchmarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "training",
        abstract: "Measure a training step of each phase at the published sizes.",
        discussion: """
            Each step is whole: all passes, gradients, clipping, AdamW; the third phase encodes its image too. Seconds and \
            peak memory of each come from a process of its own. Tools/Benchmarks/peers compares with PyTorch.
            """
    )

    @Option(help: "Threads; by default one per processor.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Measured steps of each phase, after one that is not measured.")
    var rounds = 3

    @Flag(help: "Print the results as JSON.")
    var json = false

    func run() async throws {
        let names = BenchmarkSubject.trainingNames.joined(separator: ",")
        var arguments = ["--networks", names, "--threads", String(threads), "--rounds", String(rounds)]
        if json { arguments.append("--json") }
        let networks = try NetworkBenchmarkCommand.parse(arguments)
        try await networks.run()
    }
}
