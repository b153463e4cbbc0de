import ArgumentParser
import Decoder
import Foundation

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show a brain being decoded live, without a scanner.",
        discussion: """
            Starts perceptd with a decoder, streams the scan of a simulated participant to it as a scanner would, and \
            shows each reconstruction as it arrives beside the image that was seen. At the end it says how good they \
            were, beside chance, and how long each stage took, and writes a contact sheet. Docs/demo.md explains it.
            """
    )

    @Option(help: ArgumentHelp("NAME.percept, stimuli/ and simulation.yaml.", valueName: "folder"))
    var data = "Config/demo"

    @Option(help: ArgumentHelp("Where a new folder for the results is made.", valueName: "folder"))
    var out = "percept-demo"

    @Option(help: "How many times faster than a scanner volumes come.")
    var speed = 8.0

    @Option(help: ArgumentHelp("Images that are shown; by default all there are.", valueName: "n"))
    var trials: Int?

    @Option(help: ArgumentHelp("The participant's visit; on each the head lies differently.", valueName: "n"))
    var visit = 2

    @Option(help: "How images are sampled; by default as the bundle says.")
    var sampler: String?

    @Option(help: "The most sampler steps; by default as the bundle says.")
    var steps: Int?

    @Option(help: "Threads of the daemon; by default one per processor.")
    var threads: Int?

    func validate() throws {
        guard speed.isFinite, (0.1...1000).contains(speed) else {
            throw ValidationError("--speed must be from 0.1 to 1000.")
        }
        guard trials ?? 2 >= 2 else { throw ValidationError("--trials must be 2 or more: images are told apart.") }
        guard visit >= 1 else { throw ValidationError("--visit must be 1 or more.") }
        guard (1...1000).contains(steps ?? 1) else { throw ValidationError("--steps must be from 1 to 1000.") }
        guard (1...1024).contains(threads ?? 1) else { throw ValidationError("--threads must be from 1 to 1024.") }
        if let sampler, SamplerMethod(rawValue: sampler) == nil {
            let names = SamplerMethod.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--sampler is one of \(names).")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            // A reader of the output that goes away must not leave the daemon behind.
            signal(SIGPIPE, SIG_IGN)
            let data = try DemoData(URL(fileURLWithPath: data, isDirectory: true), trials: trials)
            let folder = try DemoFolder(in: URL(fileURLWithPath: out, isDirectory: true))
            let session = DemoSession(
                data: data,
                folder: folder,
                visit: visit,
                speed: speed,
                settings: { input, output in
                    DemoSettings(
                        bundle: data.bundle,
                        folder: folder,
                        input: input,
                        output: output,
                        sampler: sampler,
                        steps: steps,
                        threads: threads
                    )
                }
            )
            let display = DemoDisplay()
            try display.write(DemoText.introduction(data, speed: speed))
            let outcome = try await session.run { try display.show($0) }
            try display.finish()
            let record = try DemoRecord(data, outcome, visit: visit, speed: speed)
            try record.write(to: folder)
            try display.write(DemoText.summary(record, folder))
        }
    }
}
