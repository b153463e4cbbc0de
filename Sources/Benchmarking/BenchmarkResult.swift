import Tensors

/// How long something takes, how that compares with the processor's limit, and the memory it needs.
public struct BenchmarkResult: Codable, Sendable, Equatable {
    /// The name of the subject on the command line.
    public var network: String
    /// The sampler steps, where they matter.
    public var steps: Int?
    /// The threads that took part.
    public var threads: Int
    /// The instruction set of the kernels.
    public var instructionSet: String
    /// The seconds of every round, in order.
    public var seconds: [Double]
    /// The middle of them.
    public var medianSeconds: Double
    /// Direct-convolution operations by the median time, in 10⁹ per second.
    public var gigaflops: Double
    /// The rate of fused multiply-adds measured before and after, in 10⁹ operations per second.
    public var peakGigaflops: Double
    /// The former as a share of the latter; above 1 where Winograd's algorithm saves operations.
    public var shareOfPeak: Double
    /// The largest resident memory of the process that ran it, weights included.
    public var peakResidentBytes: Int?
    /// The bytes of the networks' weights.
    public var weightBytes: Int
}

/// Times one subject in this process.
public enum BenchmarkRunner {
    /// Sets the subject up with random weights, runs it once unmeasured, then `rounds` times.
    public static func run(_ subject: BenchmarkSubject, rounds: Int) -> BenchmarkResult {
        let before = PeakRate.measure()
        let workload = Workloads.random(subject)
        workload.run()
        var seconds: [Double] = []
        for _ in 0..<max(1, rounds) {
            let start = ContinuousClock.now
            workload.run()
            seconds.append(start.duration(to: .now) / .seconds(1))
        }
        let peak = max(before, PeakRate.measure())
        let rate = subject.operations / seconds.median
        return BenchmarkResult(
            network: subject.name,
            steps: subject.steps,
            threads: Engine.current.threads,
            instructionSet: Engine.current.instructionSet.rawValue,
            seconds: seconds,
            medianSeconds: seconds.median,
            gigaflops: rate / 1e9,
            peakGigaflops: peak / 1e9,
            shareOfPeak: rate / peak,
            peakResidentBytes: ProcessMemory.peakResidentBytes,
            weightBytes: workload.weightCount * MemoryLayout<Float>.stride
        )
    }
}
