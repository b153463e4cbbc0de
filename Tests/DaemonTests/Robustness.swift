import Foundation

/// How long tests run: short by default, as long as `PERCEPT_ROBUSTNESS` says for `Tools/robustness/run`.
enum Robustness {
    /// The number of repetitions that the environment asks for; nil for the short form.
    static let repetitions = ProcessInfo.processInfo.environment["PERCEPT_ROBUSTNESS"].flatMap(Int.init)

    /// The number of repetitions of a test.
    static func count(short: Int) -> Int { repetitions ?? short }

    /// Adds a line to the report of a long run.
    static func report(_ test: String, _ figures: String) {
        guard let path = ProcessInfo.processInfo.environment["PERCEPT_ROBUSTNESS_REPORT"] else { return }
        guard let file = fopen(path, "a") else { return }
        fputs("\(test)\t\(figures)\n", file)
        fclose(file)
    }

    /// The smallest value that so many of some values are not above.
    static func percentile(_ values: [Double], _ part: Double) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int((Double(sorted.count) * part).rounded(.down)))]
    }

    /// Median and maximum of times in s.
    static func summary(_ seconds: [Double]) -> String {
        let sorted = seconds.sorted()
        guard let largest = sorted.last else { return "none" }
        return String(format: "median %.2f s, max %.2f s", sorted[sorted.count / 2], largest)
    }
}
