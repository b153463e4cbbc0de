import ArgumentParser
import Benchmarking
import Foundation
import Tensors

struct NetworkBenchmarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "networks",
        abstract: "Measure the full-size networks on this machine.",
        discussion: """
            The networks have random weights, so no files are needed. Each is measured in a process of its own, so that \
            its peak memory is its own. The rate counts the operations of direct convolutions; its share of the peak, \
            the rate of fused multiply-adds measured in the same process, can pass 100 % because Winograd convolutions \
            need fewer.
            """
    )

    @Option(help: "What to measure, separated by commas: \(BenchmarkSubject.names.joined(separator: ", ")).")
    var networks = BenchmarkSubject.names.joined(separator: ",")

    @Option(help: "Sampler steps of the end-to-end measurements, separated by commas.")
    var steps = "10"

    @Option(help: "Threads; by default one per processor.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Measured runs of each network, after one that is not measured.")
    var rounds = 5

    @Flag(help: "Print the results as JSON.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Answer requests about the weights and inputs in a folder, for comparisons with other engines.",
            discussion: """
                Reads one JSON object per line from standard input, such as {"run":"unet"}, and answers each with one \
                line. The folder has <network>.safetensors and <network>.inputs.npz.
                """,
            valueName: "folder"
        )
    )
    var serve: String?

    @Flag(help: .private)
    var inThisProcess = false

    func validate() throws {
        guard threads >= 1, threads <= 1024 else { throw ValidationError("--threads must be from 1 to 1024.") }
        guard rounds >= 1 else { throw ValidationError("--rounds must be at least 1.") }
        _ = try subjects()
    }

    func run() async throws {
        try await CommandFailure.reporting {
            if let serve {
                Engine.$current.withValue(Engine(threads: threads)) { BenchmarkServer(folder: serve).run() }
            } else if inThisProcess {
                try measureHere()
            } else {
                try measure()
            }
        }
    }

    private func subjects() throws -> [BenchmarkSubject] {
        let counts = try steps.split(separator: ",").map { text in
            guard let count = Int(text), (1...1000).contains(count) else {
                throw ValidationError("--steps takes numbers from 1 to 1000, not \(text).")
            }
            return count
        }
        return try networks.split(separator: ",").flatMap { name throws -> [BenchmarkSubject] in
            let subjects = BenchmarkSubject.named(String(name), steps: counts)
            guard !subjects.isEmpty else {
                throw ValidationError(
                    "There is no network \(name); there are \(BenchmarkSubject.names.joined(separator: ", "))."
                )
            }
            return subjects
        }
    }

    private func measureHere() throws {
        let results = try subjects().map { subject in
            Engine.$current.withValue(Engine(threads: threads)) { BenchmarkRunner.run(subject, rounds: rounds) }
        }
        print(try encode(results))
    }

    private func measure() throws {
        var results: [BenchmarkResult] = []
        if !json { print(BenchmarkTable.heading) }
        for subject in try subjects() {
            let result = try measureInChild(subject)
            results.append(result)
            if !json { print(BenchmarkTable.row(subject, result)) }
        }
        if json {
            print(try encode(results))
        } else if let last = results.last {
            let peak = String(format: "%.1f", last.peakGigaflops)
            print("\(last.threads) threads, \(last.instructionSet); peak \(peak) GFLOP/s")
        }
    }

    private func measureInChild(_ subject: BenchmarkSubject) throws -> BenchmarkResult {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "benchmark", "networks", "--in-this-process", "--networks", subject.name, "--steps",
            String(subject.steps ?? 1),
            "--threads", String(threads), "--rounds", String(rounds),
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0,
            let result = try? JSONDecoder().decode([BenchmarkResult].self, from: data).first
        else {
            throw CommandFailure(.internal, "the measurement of \(subject.name) ended without a result")
        }
        return result
    }

    private func encode(_ results: [BenchmarkResult]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(results), as: UTF8.self)
    }
}

/// The results as lines of aligned columns.
private enum BenchmarkTable {
    static let heading = columns("", "median", "GFLOP/s", "of peak", "peak memory", "weights")

    static func row(_ subject: BenchmarkSubject, _ result: BenchmarkResult) -> String {
        columns(
            subject.title,
            String(format: "%.3f s", result.medianSeconds),
            String(format: "%.1f", result.gigaflops),
            String(format: "%.0f %%", 100 * result.shareOfPeak),
            result.peakResidentBytes.map(megabytes) ?? "unknown",
            megabytes(result.weightBytes)
        )
    }

    private static func megabytes(_ bytes: Int) -> String { String(format: "%.0f MB", Double(bytes) / 1e6) }

    private static func columns(_ title: String, _ values: String...) -> String {
        let padded = values.map { String(repeating: " ", count: max(0, 12 - $0.count)) + $0 }
        return title.padding(toLength: 32, withPad: " ", startingAt: 0) + padded.joined()
    }
}
