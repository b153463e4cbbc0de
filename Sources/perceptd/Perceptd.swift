import ArgumentParser

@main
struct Perceptd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perceptd",
        abstract: "Decodes a scan while it runs.",
        version: "0.1.0"
    )
}
