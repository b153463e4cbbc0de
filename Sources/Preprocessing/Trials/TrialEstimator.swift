import Foundation
import Neuroimaging
import Tensors

/// Estimates the response to each trial of a run, and says when an estimate is due.
struct TrialEstimator: Sendable {
    private let settings: ProcessingConfiguration
    private let delays: [Double]
    private let confounds: Int
    private let voxels: Int
    private var models: [ResponseModel] = []
    private var windows: [Int: WindowMean] = [:]
    private var sliding: SlidingWindow?
    private var finishing: TrialFinishing
    private var trials: [TrialState] = []
    /// The trials that have begun, by column of the regression.
    private var begun: [Int] = []
    private var lastNumber = -1

    init(
        _ settings: ProcessingConfiguration,
        confounds model: ConfoundModel,
        voxels: Int,
        statistics: [VoxelStatistics],
        responses: VoxelwiseHemodynamicResponses?
    ) throws(PreprocessingError) {
        let confounds = model.count
        (self.settings, self.confounds, self.voxels) = (settings, confounds, voxels)
        switch settings.trials.method {
        case .none, .windowMean: delays = [0]
        case .slidingWindow(let length):
            delays = [0]
            sliding = try SlidingWindow(length: length, regressors: confounds, voxels: voxels)
        case .leastSquaresSeparate(let shape, let times):
            delays = times
            let groups: [(HemodynamicResponse, [Int]?)]
            if let responses {
                guard responses.indices.count == voxels else {
                    throw PreprocessingError(
                        .input,
                        "haemodynamic responses",
                        "are for \(responses.indices.count) voxels, not \(voxels)"
                    )
                }
                groups = responses.used.map { index in
                    (responses.library[index], responses.indices.indices.filter { responses.indices[$0] == index })
                }
            } else {
                groups = [(try shape.response(), nil)]
            }
            for (response, members) in groups {
                models.append(
                    try ResponseModel(response, members: members, voxels: voxels, confounds: model, settings)
                )
            }
        }
        finishing = try TrialFinishing(
            settings.trials,
            readouts: delays.count,
            voxels: voxels,
            statistics: statistics
        )
    }

    /// The statistics that responses are standardised by, one for each readout; nil until they are ready.
    var statistics: [VoxelStatistics]? { finishing.statistics }

    mutating func present(_ event: StimulusEvent) throws(PreprocessingError) -> Int {
        guard event.onset.isFinite, event.duration ?? 0 >= 0, (event.duration ?? 0).isFinite, event.modulation.isFinite
        else {
            throw PreprocessingError(
                .input,
                "event",
                "has onset \(event.onset) s and duration \(event.duration ?? 0) s; give finite times"
            )
        }
        let isLate = event.onset < Double(lastNumber) * settings.repetitionTime
        trials.append(TrialState(event: event, isLate: isLate))
        return trials.count - 1
    }

    mutating func breakSequence() {
        for index in models.indices { models[index].breakSequence() }
    }

    /// Takes in a volume; returns the estimates that it makes due.
    mutating func update(
        _ number: Int,
        values: [Float],
        row: [Double],
        quality: VolumeQuality,
        regression: RecursiveRegression,
        pool: ThreadPool
    ) throws(PreprocessingError) -> [TrialPattern] {
        lastNumber = number
        let time = Double(number) * settings.repetitionTime
        try begin(time)
        for index in begun where !trials[index].isFinished { trials[index].count(quality) }
        if quality.isUsable {
            let events = begun.map { trials[$0].event }
            for index in models.indices {
                try models[index].update(number, events: events, row: row, values: values, pool: pool)
            }
            try values.withUnsafeBufferPointer { (values) throws(PreprocessingError) in
                for index in windows.keys {
                    _ = try windows[index]?.update(time: time, row: row, responses: values)
                }
                try sliding?.update(row: row, responses: values)
            }
        } else {
            breakSequence()
        }
        return try due(time, number, regression, pool, isLast: false)
    }

    /// The last estimates of the trials that have begun and not been finished, at the end of a run.
    mutating func finish(
        _ regression: RecursiveRegression,
        pool: ThreadPool
    ) throws(PreprocessingError) -> [TrialPattern] {
        try due(Double(lastNumber) * settings.repetitionTime, lastNumber, regression, pool, isLast: true)
    }

    private mutating func begin(_ time: Double) throws(PreprocessingError) {
        for index in trials.indices where trials[index].column == nil && trials[index].event.onset <= time {
            trials[index].column = begun.count
            begun.append(index)
            for model in models.indices { _ = try models[model].begin() }
            windows[index] = try window(trials[index].event)
        }
    }

    /// The window of an event, where responses are means of windows.
    private func window(_ event: StimulusEvent) throws(PreprocessingError) -> WindowMean? {
        guard case .windowMean(let delay, let duration) = settings.trials.method else { return nil }
        let known = event.duration.flatMap { $0 > 0 ? $0 : nil }
        return try WindowMean(
            onset: event.onset,
            window: ResponseWindow(delay: delay, duration: known ?? duration),
            regressors: confounds,
            voxels: voxels
        )
    }

    private mutating func due(
        _ time: Double,
        _ number: Int,
        _ regression: RecursiveRegression,
        _ pool: ThreadPool,
        isLast: Bool
    ) throws(PreprocessingError) -> [TrialPattern] {
        var patterns: [TrialPattern] = []
        switch settings.trials.method {
        case .none: break
        case .leastSquaresSeparate:
            for index in begun where !trials[index].isFinished {
                if let pattern = try separate(index, time, number, isLast: isLast) { patterns.append(pattern) }
            }
        case .windowMean:
            for index in begun where !trials[index].isFinished {
                if let pattern = try mean(index, time, number, regression, pool, isLast: isLast) {
                    patterns.append(pattern)
                }
            }
        case .slidingWindow(let length):
            guard let sliding, sliding.isFull, !isLast else { break }
            var response = [Float](repeating: 0, count: voxels)
            _ = try response.withUnsafeMutableBufferPointer { (result) throws(PreprocessingError) in
                try sliding.estimate(regression: regression, into: result, pool: pool)
            }
            let estimate = TrialFinishing.Estimate(
                trial: number,
                event: nil,
                delay: Double(length) * settings.repetitionTime,
                readout: 0,
                isFinal: true,
                lastVolume: number,
                response: response,
                standardError: nil,
                doubts: []
            )
            patterns.append(try finishing.finish(estimate))
        }
        return patterns
    }

    /// The estimate of a trial by least squares separate, where one is due and determined.
    private mutating func separate(
        _ index: Int,
        _ time: Double,
        _ number: Int,
        isLast: Bool
    ) throws(PreprocessingError) -> TrialPattern? {
        let state = trials[index]
        let elapsed = time - state.event.onset
        // The latest readout whose time has come; earlier ones that could not be made are passed over.
        let reached = delays.lastIndex { $0 <= elapsed + 1e-6 }
        guard let column = state.column, let readout = isLast ? max(reached ?? 0, state.readout) : reached,
            readout >= state.readout, readout < delays.count
        else { return nil }
        var beta = [Float](repeating: 0, count: voxels)
        var standardError = beta
        var freedom = Double.infinity
        for model in models {
            guard let degrees = try model.estimate(column: column, beta: &beta, standardError: &standardError) else {
                return nil
            }
            freedom = min(freedom, degrees)
        }
        trials[index].readout = readout + 1
        trials[index].isFinished = isLast || readout + 1 == delays.count
        return try finishing.finish(
            TrialFinishing.Estimate(
                trial: index,
                event: state.event,
                delay: elapsed,
                readout: readout,
                isFinal: trials[index].isFinished,
                lastVolume: number,
                response: beta,
                standardError: standardError,
                doubts: state.doubts(settings.quality, degreesOfFreedom: freedom)
            )
        )
    }

    /// The mean of a trial's window, once it is over.
    private mutating func mean(
        _ index: Int,
        _ time: Double,
        _ number: Int,
        _ regression: RecursiveRegression,
        _ pool: ThreadPool,
        isLast: Bool
    ) throws(PreprocessingError) -> TrialPattern? {
        // The window is over with the volume before the first one outside.
        guard let window = windows[index], isLast || window.isOver(at: time + settings.repetitionTime) else {
            return nil
        }
        trials[index].isFinished = true
        windows[index] = nil
        var response = [Float](repeating: 0, count: voxels)
        let isFilled = try response.withUnsafeMutableBufferPointer { (result) throws(PreprocessingError) in
            try window.estimate(regression: regression, into: result, pool: pool)
        }
        guard isFilled else { return nil }
        let state = trials[index]
        return try finishing.finish(
            TrialFinishing.Estimate(
                trial: index,
                event: state.event,
                delay: time - state.event.onset,
                readout: 0,
                isFinal: true,
                lastVolume: number,
                response: response,
                standardError: nil,
                doubts: state.doubts(settings.quality, degreesOfFreedom: regression.degreesOfFreedom)
            )
        )
    }

    // MARK: - State

    func save(to state: inout StateWriter) throws(PreprocessingError) {
        state.write(lastNumber)
        state.write(begun)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        do {
            state.write([UInt8](try encoder.encode(trials)))
        } catch {
            throw PreprocessingError(.damagedState, "trials", "cannot be saved: \(error)")
        }
        for model in models { model.save(to: &state) }
        for index in windows.keys.sorted() { windows[index]?.save(to: &state) }
        sliding?.save(to: &state)
        finishing.save(to: &state)
    }

    mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        lastNumber = try state.integer()
        let order = try state.integers()
        do {
            trials = try JSONDecoder().decode([TrialState].self, from: Data(try state.byteField()))
        } catch {
            throw PreprocessingError(.damagedState, "saved trials", "cannot be read: \(error)")
        }
        guard order.allSatisfy(trials.indices.contains), Set(order).count == order.count else {
            throw PreprocessingError(.damagedState, "saved trials", "contradict each other")
        }
        begun = order
        for index in models.indices { try models[index].restore(from: &state) }
        windows = [:]
        for index in begun.sorted() where !trials[index].isFinished {
            guard var window = try window(trials[index].event) else { break }
            try window.restore(from: &state)
            windows[index] = window
        }
        try sliding?.restore(from: &state)
        try finishing.restore(from: &state)
    }
}
