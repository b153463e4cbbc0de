import Foundation
import Neuroimaging
import Preprocessing

/// A run while it goes on: the order of its volumes, its clock, its events and what they are processed with.
///
/// What `process` and `present` give depends only on the order in which they are called with the same arguments: a
/// recorded run gives the same results again.
struct LiveRun: Sendable {
    /// What the run is.
    let key: RunKey
    /// What was said of it.
    let description: RunDescription
    /// The settings with the run's repetition time and length.
    let configuration: ProcessingConfiguration
    /// Puts volumes in order.
    var sequencer: VolumeSequencer
    /// Ties clocks together.
    var clock: AcquisitionClock
    private var processor: VolumeProcessor
    /// The onsets of the events so far, increasing, in s.
    private(set) var onsets: [Double] = []
    private var readouts: [Int: Int] = [:]
    private var unresolved: [IncomingEvent] = []
    /// The first arrival, from which the times of later ones are counted.
    private var firstArrival: Arrival?

    /// The most events that wait for the start of the run to be known.
    private static let mostUnresolved = 10_000

    init(
        key: RunKey,
        description: RunDescription,
        model: ProcessingModel,
        configuration: ProcessingConfiguration,
        statistics: [VoxelStatistics],
        sequencer: VolumeSequencer,
        clock: AcquisitionClock,
        kernels: VolumeKernels
    ) throws(PreprocessingError) {
        (self.key, self.description, self.configuration) = (key, description, configuration)
        (self.sequencer, self.clock) = (sequencer, clock)
        processor = try VolumeProcessor(
            configuration: configuration,
            mask: model.mask,
            reference: model.reference,
            statistics: statistics,
            kernels: kernels
        )
    }

    /// The number of the volume that is processed next.
    var nextVolume: Int { processor.nextNumber }

    /// The statistics of the responses so far.
    var statistics: [VoxelStatistics]? { processor.statistics }

    /// The number of the readout of a trial that was just made, from 0.
    private mutating func readout(_ trial: Int) -> Int {
        defer { readouts[trial, default: 0] += 1 }
        return readouts[trial, default: 0]
    }

    /// Announces an event; returns the number of its trial.
    mutating func present(_ event: StimulusEvent) throws(PreprocessingError) -> Int {
        let trial = try processor.present(event)
        let place = onsets.firstIndex { $0 > event.onset } ?? onsets.count
        onsets.insert(event.onset, at: place)
        return trial
    }

    /// When something arrived, in s since 1970 by the clock as it was at the first arrival: it may step meanwhile.
    mutating func time(of arrival: Arrival) -> Double {
        let first = firstArrival ?? arrival
        firstArrival = first
        return first.time + (arrival.instant - first.instant) / .seconds(1)
    }

    /// Keeps an event until the start of the run is known; false if too many wait already.
    mutating func wait(_ event: IncomingEvent) -> Bool {
        guard unresolved.count < Self.mostUnresolved else { return false }
        unresolved.append(event)
        return true
    }

    /// The events whose onsets can be told now.
    mutating func resolved() -> [(event: IncomingEvent, seconds: Double, rule: AcquisitionClock.Rule)] {
        var found: [(IncomingEvent, Double, AcquisitionClock.Rule)] = []
        unresolved.removeAll { event in
            guard let (seconds, rule) = clock.onset(of: event) else { return false }
            found.append((event, seconds, rule))
            return true
        }
        return found
    }

    /// The estimates of a volume, each with the number of its readout.
    typealias Readout = (pattern: TrialPattern, number: Int)

    /// Processes the next volume.
    mutating func process(
        _ volume: StoredVolume,
        index: Int
    ) throws(PreprocessingError) -> (volume: ProcessedVolume, readouts: [Readout]) {
        let processed: ProcessedVolume
        if volume.dataType == .int16, volume.slope == 1, volume.intercept == 0 {
            processed = try volume.bytes.withUnsafeBufferPointer { (bytes) throws(PreprocessingError) in
                let numbers = UnsafeRawBufferPointer(bytes).assumingMemoryBound(to: Int16.self)
                return try processor.process(
                    .int16(numbers, slope: 1, intercept: 0),
                    grid: volume.grid,
                    number: index
                )
            }
        } else {
            processed = try volume.volume.voxels.withUnsafeBufferPointer { (voxels) throws(PreprocessingError) in
                try processor.process(.float(voxels), grid: volume.grid, number: index)
            }
        }
        return (processed, processed.trials.map { ($0, readout($0.trial)) })
    }

    /// The estimates that are left at the end of the run.
    mutating func finish() throws(PreprocessingError) -> [Readout] {
        let last = try processor.finish()
        return last.map { ($0, readout($0.trial)) }
    }

    /// The time from a trial to the next one in s, as far as events tell; nil if they do not.
    func interval(after event: StimulusEvent) -> Double? {
        if let next = onsets.first(where: { $0 > event.onset + 1e-3 }) { return next - event.onset }
        let differences = zip(onsets.dropFirst(), onsets).map { $0 - $1 }.filter { $0 > 1e-3 }.sorted()
        return differences.isEmpty ? nil : differences[differences.count / 2]
    }

    // MARK: - State

    private struct Saved: Codable {
        var next: Int
        var onsets: [Double]
        var readouts: [Int: Int]
    }

    /// Everything that later results depend on, between two volumes.
    func save() throws -> [UInt8] {
        var state = StateWriter()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let saved = Saved(next: sequencer.next, onsets: onsets, readouts: readouts)
        state.write([UInt8](try encoder.encode(saved)))
        state.write(try processor.save())
        return state.bytes
    }

    /// Goes on from a saved state; nothing changes if it does not fit.
    mutating func restore(_ bytes: [UInt8]) throws {
        var state = StateReader(bytes)
        let saved = try JSONDecoder().decode(Saved.self, from: Data(try state.byteField()))
        try processor.restore(try state.byteField())
        sequencer = VolumeSequencer(
            next: saved.next,
            patience: sequencer.patience,
            capacity: sequencer.capacity,
            reach: sequencer.reach
        )
        (onsets, readouts) = (saved.onsets, saved.readouts)
    }

    /// Goes on after the last volume that was processed, when a recorded run has been replayed.
    mutating func resume() {
        sequencer = VolumeSequencer(
            next: processor.nextNumber,
            patience: sequencer.patience,
            capacity: sequencer.capacity,
            reach: sequencer.reach
        )
    }
}
