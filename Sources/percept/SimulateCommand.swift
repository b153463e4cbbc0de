import ArgumentParser
import Foundation
import Settings
import Simulation
import Streaming
import Tensors

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "A scanner room without a scanner: runs of a simulated participant, with the truth behind them.",
        discussion: """
            A synthetic person, whose visual cortex answers to images as models of the field say, lies in a simulated \
            scanner. The runs go to a folder (--out: NIfTI, BIDS events, truth) or, with --stream, to a subscriber such as \
            perceptd by Percept's protocol; then --out gets the images and the truth alone. --recording also writes what \
            perceptd would record.

            The same settings, images, visit and run give the same volumes. Another visit is the same person lying \
            differently. Config/simulation.yaml has all settings with their defaults; Docs/simulation.md explains them.
            """
    )

    @Option(help: ArgumentHelp("The images that are shown: idx:FILE or folder:FOLDER.", valueName: "kind:path"))
    var stimuli: String

    @Option(
        help: ArgumentHelp(
            "Show the images in a random order of this seed, in place of that of the data; a folder has them by class.",
            valueName: "seed"
        )
    )
    var shuffle: UInt64?

    @Option(help: ArgumentHelp("The first image, from 0.", valueName: "n"))
    var first = 0

    @Option(help: ArgumentHelp("Images of a run; by default all, divided among the runs.", valueName: "n"))
    var trials: Int?

    @Option(help: ArgumentHelp("The settings; by default those of Config/simulation.yaml.", valueName: "file"))
    var settings: String?

    @Option(name: .customLong("set"), help: ArgumentHelp("A value in place of the file's.", valueName: "key=value"))
    var overrides: [String] = []

    @Option(help: "The visit, from 1.")
    var visit = 1

    @Option(help: "The number of runs, each with images of its own.")
    var runs = 1

    @Option(help: "The number of the first run, from 1; the same visit, another run.")
    var firstRun = 1

    @Option(help: ArgumentHelp("The folder for runs, images and truth.", valueName: "folder"))
    var out: String?

    @Flag(help: "Also write each run as a recording (HDF5) into the folder.")
    var recording = false

    @Option(help: ArgumentHelp("The address to publish at, such as tcp://127.0.0.1:5560.", valueName: "address"))
    var stream: String?

    @Option(help: "The session that is streamed; by default ses-01 for the first visit, and so on.")
    var session: String?

    @Option(help: "How many times faster than a scanner it streams, or max.")
    var speed = "1"

    @Option(help: "The file with this publisher's CURVE keys, made by percept keygen.")
    var key: String?

    // Keys may begin with a dash.
    @Option(parsing: .unconditionalSingleValue, help: "A public key, or a file with some, of those who may connect.")
    var allow: [String] = []

    @Option(help: "How long a subscriber is waited for, in s.")
    var timeout = 60.0

    @Flag(help: "Print all settings with their values, and simulate nothing.")
    var showSettings = false

    func validate() throws {
        guard visit >= 1, runs >= 1, firstRun >= 1, first >= 0, trials ?? 1 >= 1 else {
            throw ValidationError("--visit, --runs, --first-run and --trials are 1 or more, --first 0 or more.")
        }
        guard showSettings || out != nil || stream != nil else {
            throw ValidationError("Say where the runs go: --out FOLDER, or --stream ADDRESS.")
        }
        guard !recording || (out != nil && stream == nil) else {
            throw ValidationError("--recording belongs to --out without --stream.")
        }
        guard speed == "max" || (Double(speed) ?? 0) > 0, timeout > 0 else {
            throw ValidationError("--speed is a number above 0 or max, --timeout above 0.")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let settings =
                try settings.map { try SimulationSettings(contentsOf: $0, overrides: overrides) }
                ?? SimulationSettings(yaml: "", file: "settings", overrides: overrides)
            if showSettings {
                for (key, value) in settings.effective { print("\(key): \(value)") }
                return
            }
            let folder = try out.map { try SimulationFolder(URL(fileURLWithPath: $0, isDirectory: true)) }
            let room = try SimulatedRoom(settings: settings, visit: visit, firstRun: firstRun, stimuli: parts())
            if let folder { try room.writeStimuli(to: folder.stimuli) }
            let connection = try await connection()
            for number in firstRun..<firstRun + runs {
                if let connection {
                    try await connection.send(room, run: number)
                    try folder?.writeTruth(room.run(number))
                } else if let folder {
                    try room.write(number, to: folder, recording: recording)
                }
            }
            await connection?.close()
        }
    }

    private func connection() async throws -> SimulationStream? {
        guard let stream else { return nil }
        var security = SecuritySettings()
        (security.key, security.allowed) = (key, allow)
        return try await SimulationStream(
            address: stream,
            security: SocketSecurity(security),
            session: session,
            speed: speed == "max" ? .infinity : Double(speed) ?? 1,
            timeout: timeout
        )
    }

    /// The images of each run.
    private func parts() throws -> [[SimulatedRoom.Shown]] {
        let set = try DatasetArgument.images(stimuli)
        let count = trials ?? (set.images.count - first) / runs
        guard count >= 1, first + runs * count <= set.images.count else {
            throw CommandFailure(
                .usage,
                "\(stimuli): has \(set.images.count) images, too few for \(runs) runs of \(max(1, count)) from number \(first)"
            )
        }
        var order = Array(set.images.indices)
        if let shuffle {
            var random = RandomNumbers(seed: shuffle, purpose: "order of stimuli")
            random.shuffle(&order)
        }
        return (0..<runs).map { run in
            SimulatedRoom.stimuli(set, order[first + run * count..<first + (run + 1) * count])
        }
    }
}
