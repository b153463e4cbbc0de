import Decoder
import Weights

/// The noise schedule: all buffers, and the timesteps of recorded numbers of steps.
public struct ScheduleParity: ParityGroup {
    /// The files of the group.
    public static let files = ["schedule/schedule.npz"]

    /// Makes the group.
    public init() {}

    /// Compares every array: `betas_f64`, `buf/NAME`, and `Sn/…` for n steps.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        let count = try archive.array(archive.has("betas_f64") ? "betas_f64" : "buf/betas").count
        let schedule = NoiseSchedule(count: count)
        var buffers = schedule.buffers
        buffers["lvlb_weights"] = schedule.variationalWeights
        let float64 = ["betas_f64": schedule.betas, "alphas_cumprod_f64": schedule.alphasCumulative]
        var checks = ParityChecks()
        for name in archive.names {
            let parts = name.split(separator: "/").map(String.init)
            checks.attempt("\(archive.file): \(name)") { checks in
                if let values = float64[name] {
                    try checks.compare(values, shape: [count], with: name, in: archive, .forward)
                } else if parts.count == 2, parts[0] == "buf", let values = buffers[parts[1]] {
                    try checks.compare(values.map(Double.init), shape: [count], with: name, in: archive, .forward)
                } else if parts.count == 2, parts[0].hasPrefix("S"), let steps = Int(parts[0].dropFirst()),
                    (1...count).contains(steps)
                {
                    let sampling = SamplingSchedule(steps: steps, schedule: schedule)
                    try compare(sampling, parts[1], name, archive, &checks)
                } else {
                    throw ParityError(.malformed, name, "the schedule has no such table")
                }
            }
        }
        return checks.all
    }

    private func compare(
        _ sampling: SamplingSchedule,
        _ table: String,
        _ name: String,
        _ archive: FixtureArchive,
        _ checks: inout ParityChecks
    ) throws {
        let tables: [String: [Float]] = [
            "alphas": sampling.alphas, "alphas_prev": sampling.previousAlphas, "sigmas_eta1": sampling.sigmas(eta: 1),
        ]
        if table == "timesteps" {
            try checks.compare(sampling.timesteps, with: name, in: archive)
        } else if let values = tables[table] {
            try checks.compare(values.map(Double.init), shape: [values.count], with: name, in: archive, .forward)
        } else {
            throw ParityError(.malformed, name, "a sampling schedule has no such table")
        }
    }
}
