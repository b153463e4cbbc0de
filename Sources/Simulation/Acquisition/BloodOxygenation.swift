import Neuroimaging
import Settings

/// The signal change of every site at any time of a run: its drive at each trial, through its haemodynamic response.
struct BloodOxygenation {
    /// Samples a second of the tabled responses.
    private static let rate = 10.0

    private let onsets: [Double]
    /// Trial by trial, the drive of each site, in percent of signal.
    let drive: [[Double]]
    /// For each haemodynamic response the signal after the onset of a stimulus of the given duration; its peak is 1.
    private let tables: [[Double]]
    private let responses: [Int]

    init(_ participant: Participant, drive: [[Double]], onsets: [Double], duration: Double, change: Double) throws {
        self.onsets = onsets
        self.drive = drive.map { $0.map { change * $0 } }
        responses = participant.sites.map(\.response)
        tables = try participant.responses.map { response in
            let kernel = try response.kernel(repetitionTime: 1, oversampling: Int(Self.rate))
            let width = max(1, Int((duration * Self.rate).rounded()))
            var (table, sum) = ([Double](), 0.0)
            for index in 0..<kernel.count + width {
                if index < kernel.count { sum += kernel[index] }
                if index >= width, index - width < kernel.count { sum -= kernel[index - width] }
                table.append(sum)
            }
            let peak = table.max() ?? 1
            return table.map { $0 / peak }
        }
    }

    /// What trials contribute at a time.
    struct Moment {
        fileprivate let trials: [Int]
        /// The value of each response for each trial.
        fileprivate let values: [[Double]]
    }

    /// Prepares a time in s after the first volume.
    func moment(_ time: Double) -> Moment {
        let length = Double(tables.first?.count ?? 0) / Self.rate
        let trials = onsets.indices.filter { onsets[$0] <= time && time - onsets[$0] < length }
        return Moment(
            trials: trials,
            values: tables.map { table in
                trials.map { trial in
                    let place = (time - onsets[trial]) * Self.rate
                    let index = min(Int(place), table.count - 1)
                    let part = place - Double(index)
                    let next = index + 1 < table.count ? table[index + 1] : 0
                    return table[index] * (1 - part) + next * part
                }
            }
        )
    }

    /// The signal change of a site in percent.
    func change(_ site: Int, _ moment: Moment) -> Double {
        let values = moment.values[responses[site]]
        var sum = 0.0
        for (place, trial) in moment.trials.enumerated() { sum += values[place] * drive[trial][site] }
        return sum
    }
}
