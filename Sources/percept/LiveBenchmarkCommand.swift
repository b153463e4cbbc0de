import ArgumentParser
import Benchmarking
import Foundation
import WireFormat

struct LiveBenchmarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live",
        abstract: "Measure the daemon: from the last byte of a volume to the published pattern.",
        discussion: """
            A synthetic run goes over ZeroMQ to a daemon in this process, which aligns, records and decodes. With \
            --bundle the decoder is busy all the time: a bundle of the published sizes with random weights is made in \
            that folder if there is none (2.5 GB).
            """
    )

    @Option(help: "The acquisition as voxels and size in mm.")
    var matrix = "104x104x72x2"

    @Option(help: "Seconds from volume to volume.")
    var tr = 1.5

    @Option(help: "Send so many times faster than that; 0 for as fast as possible.")
    var speed = 1.0

    @Option(help: "The number of volumes.")
    var volumes = 300

    @Option(help: "The number of voxels of the region.")
    var region = 4600

    @Option(help: "Decode with this bundle.")
    var bundle: String?

    @Option(help: "Keep the session in this folder.")
    var state: String?

    @Option(help: "Threads of each lane; by default one per processor.")
    var threads: Int?

    @Option(help: "The most volumes that wait.")
    var queue = 64

    @Flag(inversion: .prefixedNo, help: "Record the volumes.")
    var record = true

    @Flag(help: "Print the results as JSON.")
    var json = false

    func validate() throws {
        guard volumes >= 2, region >= 1, region <= 4656 || bundle == nil else {
            throw ValidationError("--volumes must be at least 2, --region from 1, with a bundle to 4656.")
        }
        guard tr > 0, tr <= 100, speed >= 0 else { throw ValidationError("--tr must be above 0, --speed at least 0.") }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            var options = LiveBenchmark.Options()
            options.acquisition = try PreprocessingBenchmarkCommand.acquisition(matrix)
            (options.repetitionTime, options.speed, options.volumes) = (tr, speed, volumes)
            (options.region, options.bundle, options.state) = (region, bundle, state)
            (options.threads, options.records, options.queue) = (threads, record, queue)
            let line = ProgressLine("live", unit: "volumes", total: volumes)
            let result = try await LiveBenchmark.run(options) { line.update($0) }
            print(json ? try InspectCommand.encode(result) : Self.text(result))
        }
    }

    private static func text(_ result: LiveBenchmark.Result) -> String {
        let volumes = result.volumes
        var lines = [
            "sent \(result.sent) in \(String(format: "%.1f", result.seconds)) s; of the last run: received "
                + "\(volumes.received), processed \(volumes.processed), missing \(volumes.missing), dropped "
                + "\(volumes.dropped), duplicate \(volumes.duplicate), late \(volumes.late)",
            "trials: \(result.trials.patterns) patterns, \(result.trials.decoded) decoded, \(result.trials.late) late, "
                + "\(result.trials.cutShort) cut short, \(result.trials.dropped) dropped",
            "stage".padding(toLength: 16, withPad: " ", startingAt: 0) + "   count  median     90%     99%     max  ms",
        ]
        for (stage, value) in result.latencies.sorted(by: { $0.key < $1.key }) {
            lines.append(
                stage.padding(toLength: 16, withPad: " ", startingAt: 0)
                    + [value.median, value.p90, value.p99, value.max].reduce(String(format: "%8d", value.count)) {
                        $0 + String(format: "%8.2f", $1)
                    }
            )
        }
        let memory = result.memory.map { String(format: "%.0f", Double($0) / 1e6) }.joined(separator: " ")
        lines.append("resident memory after each tenth, MB: \(memory)")
        if !result.faults.isEmpty { lines.append("faults: \(result.faults)") }
        return lines.joined(separator: "\n")
    }
}
