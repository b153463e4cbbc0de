import ArgumentParser
import Benchmarking
import Foundation

struct PreprocessingBenchmarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preprocessing",
        abstract: "Measure the time from a volume in memory to the updated pattern.",
        discussion: """
            A synthetic head moves as people do; its volumes are 16-bit integers in memory. Each is aligned, read at the \
            region's voxels, cleaned of drift and 24 motion regressors, and enters the responses to a trial every 4 s.
            """
    )

    @Option(help: "The acquisition as voxels and size in mm, for instance 104x104x72x2; by default the usual ones.")
    var matrix: String?

    @Option(help: "The number of volumes.")
    var volumes = 300

    @Option(help: "Numbers of threads, separated by commas.")
    var threads = "1,2"

    @Option(help: "The number of voxels of the region.")
    var region = 10_000

    @Flag(help: "Print the results as JSON.")
    var json = false

    func validate() throws {
        guard volumes >= 2, region >= 1 else { throw ValidationError("--volumes must be at least 2, --region 1.") }
        _ = try (acquisitions(), threadCounts())
    }

    func run() async throws {
        try await CommandFailure.reporting {
            var results: [PreprocessingBenchmark.Result] = []
            if !json {
                print(Self.line(["matrix", "threads"] + PreprocessingBenchmark.stages + ["99 %", "steps", "memory"]))
            }
            for acquisition in try acquisitions() {
                for count in try threadCounts() {
                    let result = try PreprocessingBenchmark.run(
                        acquisition,
                        volumes: volumes,
                        threads: count,
                        region: region
                    )
                    results.append(result)
                    if !json { print(Self.row(result)) }
                }
            }
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                print(String(decoding: try encoder.encode(results), as: UTF8.self))
            } else {
                print(
                    "Medians in ms over \(volumes) volumes, the total also at the 99th percentile; steps of realignment;"
                )
                print("resident memory in MB after a tenth of the volumes and at the end.")
            }
        }
    }

    private func acquisitions() throws -> [PreprocessingBenchmark.Acquisition] {
        guard let matrix else { return PreprocessingBenchmark.Acquisition.usual }
        return [try Self.acquisition(matrix)]
    }

    /// An acquisition as it is written on the command line.
    static func acquisition(_ matrix: String) throws -> PreprocessingBenchmark.Acquisition {
        let parts = matrix.split(separator: "x").map(String.init)
        guard parts.count == 4, let x = Int(parts[0]), let y = Int(parts[1]), let z = Int(parts[2]),
            let size = Double(parts[3]), [x, y, z].allSatisfy({ (16...512).contains($0) }), (0.5...10).contains(size)
        else { throw ValidationError("--matrix is written as 104x104x72x2: 16 to 512 voxels, 0.5 to 10 mm.") }
        return PreprocessingBenchmark.Acquisition(x, y, z, size)
    }

    private func threadCounts() throws -> [Int] {
        try threads.split(separator: ",").map { text in
            guard let count = Int(text), (1...1024).contains(count) else {
                throw ValidationError("--threads takes numbers from 1 to 1024, not \(text).")
            }
            return count
        }
    }

    private static func row(_ result: PreprocessingBenchmark.Result) -> String {
        line(
            [result.acquisition.shape.map(String.init).joined(separator: "x"), String(result.threads)]
                + PreprocessingBenchmark.stages.map { String(format: "%.2f", result.median($0)) }
                + [
                    String(format: "%.2f", result.percentile99("total")), String(format: "%.1f", result.iterations),
                    result.memory.map { String(format: "%.0f", Double($0) / 1e6) }.joined(separator: "/"),
                ]
        )
    }

    private static func line(_ fields: [String]) -> String {
        fields.enumerated().map { index, field in
            index == 0
                ? field.padding(toLength: 12, withPad: " ", startingAt: 0)
                : String(repeating: " ", count: max(1, (index > 1 ? 14 : 8) - field.count)) + field
        }.joined()
    }
}
