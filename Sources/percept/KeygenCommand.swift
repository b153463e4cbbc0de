import ArgumentParser
import Streaming

/// Makes a key pair for encrypted streams.
struct KeygenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Makes a CURVE key pair for encrypted streams.",
        discussion: """
            The file holds both keys and is readable by its owner only: name it in `security.key`. The public key is \
            printed: give it to the peers, which name it in `security.allowed` (whom this side lets in) or \
            `security.publisher` (whom it listens to).
            """
    )

    @Option(name: .shortAndLong, help: "The file for the key pair.")
    var out: String

    @Flag(help: "Replace the file if it is there already. Peers then need the new public key.")
    var force = false

    func run() async throws {
        try await CommandFailure.reporting {
            let keys = try CurveKeyPair()
            try keys.write(to: out, replacing: force)
            print(keys.publicKey)
        }
    }
}
