import ArgumentParser

@main
struct Percept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "percept",
        abstract: "Trains, imports, inspects and runs decoders of images from fMRI.",
        subcommands: [InspectCommand.self, BenchmarkCommand.self, ParityCommand.self]
    )
}
