import Neuroimaging

/// A run that can be sent again: its volumes by their places among those that are there.
public protocol ReplayableRun {
    /// Where it comes from.
    var path: String { get }
    /// What it is called unless it is given another name.
    var name: String { get }
    /// The person, without name: BIDS `sub`.
    var subject: String? { get }
    /// What the person does: BIDS `task`.
    var task: String? { get }
    /// The time from volume to volume in s, where it is known.
    var repetitionTime: Double? { get }
    /// The number of each volume in the run, from 0, rising; gaps are volumes that are missing.
    var numbers: [Int] { get }
    /// What was shown.
    var events: [StimulusEvent] { get }

    /// Reads a volume.
    func volume(_ place: Int) throws -> StoredVolume

    /// The files of a scanner that hold a volume; none where it comes from something else.
    func files(_ place: Int) -> [String]
}

/// A part of a run, as if the run had begun there, perhaps several times over.
struct ReplayedPart: ReplayableRun {
    private let run: any ReplayableRun
    private let places: [Int]
    let numbers: [Int]
    let repetitionTime: Double?
    let events: [StimulusEvent]

    var path: String { run.path }
    var name: String { run.name }
    var subject: String? { run.subject }
    var task: String? { run.task }

    /// Takes the volumes with some numbers.
    ///
    /// - Parameters:
    ///   - run: The whole run.
    ///   - range: The numbers of the volumes; nil for all.
    ///   - passes: How often they come, one pass after another in one run.
    ///   - repetitionTime: The time from volume to volume in s; nil for the run's.
    ///   - events: The events of the whole run; nil for the run's.
    init(
        of run: any ReplayableRun,
        range: ClosedRange<Int>? = nil,
        passes: Int = 1,
        repetitionTime: Double? = nil,
        events: [StimulusEvent]? = nil
    ) {
        self.run = run
        let time = repetitionTime ?? run.repetitionTime
        let chosen = run.numbers.indices.filter { range?.contains(run.numbers[$0]) ?? true }
        let first = range?.lowerBound ?? 0
        let length = (chosen.last.map { run.numbers[$0] } ?? first) - first + 1
        let from = Double(first) * (time ?? 0)
        let span = range != nil || passes > 1 ? Double(length) * (time ?? 0) : .infinity
        let inside = (events ?? run.events).filter { event in
            range == nil ? event.onset < span : event.onset >= from && event.onset < from + span
        }
        places = (0..<passes).flatMap { _ in chosen }
        numbers = (0..<passes).flatMap { pass in chosen.map { run.numbers[$0] - first + pass * length } }
        self.events = (0..<passes).flatMap { pass in
            inside.map { event in
                var event = event
                event.onset += (pass > 0 ? Double(pass) * span : 0) - from
                return event
            }
        }
        self.repetitionTime = time
    }

    func volume(_ place: Int) throws -> StoredVolume { try run.volume(places[place]) }

    func files(_ place: Int) -> [String] { run.files(places[place]) }
}
