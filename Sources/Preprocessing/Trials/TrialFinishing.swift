import Neuroimaging

/// What is done to every estimate: the average over repetitions and the z-scores.
struct TrialFinishing: Sendable {
    /// An estimate as the method made it.
    struct Estimate {
        let trial: Int
        let event: StimulusEvent?
        let delay: Double
        let readout: Int
        let isFinal: Bool
        let lastVolume: Int
        let response: [Float]
        let standardError: [Float]?
        let doubts: [String]
    }

    private let averagesRepeats: Bool
    private let voxels: Int
    /// One for each readout: early estimates vary more than late ones.
    private var standardizations: [VoxelStandardization] = []
    private var averages: [String: RepeatAverage] = [:]

    init(
        _ configuration: TrialConfiguration,
        readouts: Int,
        voxels: Int,
        statistics: [VoxelStatistics]
    ) throws(PreprocessingError) {
        averagesRepeats = configuration.averagesRepeats
        self.voxels = voxels
        guard let settings = configuration.standardization else { return }
        guard [0, 1, readouts].contains(statistics.count) else {
            throw PreprocessingError(
                .input,
                "prior statistics",
                "are for \(statistics.count) readouts; give one, or one for each of \(readouts)"
            )
        }
        for readout in 0..<readouts {
            let prior = statistics.isEmpty ? nil : statistics[min(readout, statistics.count - 1)]
            standardizations.append(
                try VoxelStandardization(
                    voxels: voxels,
                    prior: prior.map {
                        VoxelPrior(
                            statistics: $0,
                            meanStrength: settings.meanStrength,
                            varianceStrength: settings.varianceStrength
                        )
                    },
                    includesCurrent: settings.includesCurrent
                )
            )
        }
    }

    var statistics: [VoxelStatistics]? {
        let ready = standardizations.compactMap(\.statistics)
        return ready.count == standardizations.count && !ready.isEmpty ? ready : nil
    }

    mutating func finish(_ estimate: Estimate) throws(PreprocessingError) -> TrialPattern {
        var (response, standardError, repeats) = (estimate.response, estimate.standardError, 1)
        if averagesRepeats, let stimulus = estimate.event?.stimulusFile ?? estimate.event?.trialType {
            let key = "\(estimate.readout) \(stimulus)"
            var average = try RepeatAverage(voxels: voxels)
            if let earlier = averages[key] { average = earlier }
            let errors = estimate.standardError ?? [Float](repeating: 0, count: voxels)
            try response.withUnsafeBufferPointer { (beta) throws(PreprocessingError) in
                try errors.withUnsafeBufferPointer { (errors) throws(PreprocessingError) in
                    try average.add(beta: beta, standardError: errors)
                }
            }
            // Responses that are not to be trusted do not enter later averages.
            if estimate.doubts.isEmpty { averages[key] = average }
            (response, repeats) = (average.beta, average.repeats)
            standardError = standardError == nil ? nil : average.standardError
        }
        var standardized: [Float]?
        var standardizedBy = 0
        if standardizations.indices.contains(estimate.readout) {
            var scores = [Float](repeating: 0, count: voxels)
            let isReady = try response.withUnsafeBufferPointer { (response) throws(PreprocessingError) in
                try scores.withUnsafeMutableBufferPointer { (scores) throws(PreprocessingError) in
                    try standardizations[estimate.readout].standardize(response, into: scores)
                }
            }
            standardized = isReady ? scores : nil
            standardizedBy = isReady ? standardizations[estimate.readout].trials : 0
            if estimate.doubts.isEmpty {
                try estimate.response.withUnsafeBufferPointer { (response) throws(PreprocessingError) in
                    try standardizations[estimate.readout].include(response)
                }
            }
        }
        return TrialPattern(
            trial: estimate.trial,
            event: estimate.event,
            delay: estimate.delay,
            isFinal: estimate.isFinal,
            lastVolume: estimate.lastVolume,
            response: response,
            standardError: standardError,
            standardized: standardized,
            standardizedBy: standardizedBy,
            repeats: repeats,
            doubts: estimate.doubts
        )
    }

    func save(to state: inout StateWriter) {
        for standardization in standardizations { standardization.save(to: &state) }
        state.write(averages.count)
        for (key, average) in averages.sorted(by: { $0.key < $1.key }) {
            state.write([UInt8](key.utf8))
            average.save(to: &state)
        }
    }

    mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        for index in standardizations.indices { try standardizations[index].restore(from: &state) }
        averages = [:]
        let count = try state.integer()
        guard (0...1_000_000).contains(count) else {
            throw PreprocessingError(.damagedState, "saved averages", "are said to be \(count)")
        }
        for _ in 0..<count {
            let key = String(decoding: try state.byteField(), as: UTF8.self)
            var average = try RepeatAverage(voxels: voxels)
            try average.restore(from: &state)
            averages[key] = average
        }
    }
}
