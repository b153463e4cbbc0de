/// The events of a run: a BIDS `_events.tsv` file.
///
/// The columns may have any order; `onset` and `duration` are required, both in seconds.
public struct EventTable: Sendable, Equatable {
    /// The events by onset; those with the same onset are in the order of the file.
    public let events: [StimulusEvent]
    /// The columns in the order of the file.
    public let columns: [String]

    /// The columns that have a property of their own.
    private static let known: Set<String> = ["onset", "duration", "trial_type", "stim_file", "modulation"]

    /// The given events, sorted by onset, with columns for what they hold.
    public init(_ events: [StimulusEvent]) {
        self.events = Self.sorted(events)
        var columns = ["onset", "duration"]
        if events.contains(where: { $0.trialType != nil }) { columns.append("trial_type") }
        if events.contains(where: { $0.stimulusFile != nil }) { columns.append("stim_file") }
        if events.contains(where: { $0.modulation != 1 }) { columns.append("modulation") }
        self.columns = columns + Set(events.flatMap(\.attributes.keys)).subtracting(Self.known).sorted()
    }

    /// The events of a table.
    ///
    /// - Throws: `NeuroimagingError` that names the line and the column of what is wrong.
    public init(_ table: TabularFile) throws(NeuroimagingError) {
        let onset = try Self.required("onset", of: table)
        let duration = try Self.required("duration", of: table)
        let reader = EventReader(
            table: table,
            onset: onset,
            duration: duration,
            trialType: table.column("trial_type"),
            stimulusFile: table.column("stim_file"),
            modulation: table.column("modulation"),
            others: table.columns.indices.filter { !Self.known.contains(table.columns[$0]) }
        )
        var events: [StimulusEvent] = []
        events.reserveCapacity(table.rowCount)
        for row in 0..<table.rowCount { events.append(try reader.event(row)) }
        self.events = Self.sorted(events)
        columns = table.columns
    }

    /// The conditions in the order in which they first occur.
    public var trialTypes: [String] {
        var seen = Set<String>()
        return events.compactMap(\.trialType).filter { seen.insert($0).inserted }
    }

    /// The events of one condition.
    public func events(of trialType: String) -> [StimulusEvent] { events.filter { $0.trialType == trialType } }

    /// The events as a table, to be written.
    ///
    /// - Throws: `NeuroimagingError` where a text holds a line break.
    public func table(name: String = "") throws(NeuroimagingError) -> TabularFile {
        try TabularFile(columns: columns, rows: events.map { event in columns.map { text(event, $0) } }, name: name)
    }

    private func text(_ event: StimulusEvent, _ column: String) -> String? {
        switch column {
        case "onset": TabularFile.text(event.onset)
        case "duration": TabularFile.text(event.duration)
        case "trial_type": event.trialType
        case "stim_file": event.stimulusFile
        case "modulation": TabularFile.text(event.modulation)
        default: event.attributes[column]
        }
    }

    private static func sorted(_ events: [StimulusEvent]) -> [StimulusEvent] {
        events.enumerated().sorted { ($0.element.onset, $0.offset) < ($1.element.onset, $1.offset) }.map(\.element)
    }

    private static func required(_ column: String, of table: TabularFile) throws(NeuroimagingError) -> Int {
        if let place = table.column(column) { return place }
        let separated = table.columns.count == 1 && table.columns[0].contains { $0 == "," || $0 == " " || $0 == ";" }
        throw NeuroimagingError(
            .missing,
            table.name,
            "there is no column “\(column)” among \(table.columns.joined(separator: ", ").shortened); "
                + (separated ? "separate columns by tabs" : "add it: events have an onset and a duration in seconds")
        )
    }
}

/// Reads events from the rows of a table.
private struct EventReader {
    let table: TabularFile
    let onset: Int
    let duration: Int
    let trialType: Int?
    let stimulusFile: Int?
    let modulation: Int?
    let others: [Int]

    func event(_ row: Int) throws(NeuroimagingError) -> StimulusEvent {
        guard let start = try table.number(row, onset), start.isFinite else {
            throw table.error(
                row,
                onset,
                "the onset is missing or not finite; write seconds after the first volume, or remove the line"
            )
        }
        let length = try table.number(row, duration)
        guard length.map({ $0.isFinite && $0 >= 0 }) ?? true else {
            throw table.error(
                row,
                duration,
                "a duration is 0 or more seconds; write n/a where it is unknown"
            )
        }
        var strength = 1.0
        if let modulation {
            strength = try table.number(row, modulation) ?? 1
            guard strength.isFinite else { throw table.error(row, modulation, "a modulation is a finite number") }
        }
        var attributes: [String: String] = [:]
        for column in others {
            if let value = table.value(row, column) { attributes[table.columns[column]] = value }
        }
        return StimulusEvent(
            onset: start,
            duration: length,
            trialType: trialType.flatMap { table.value(row, $0) },
            stimulusFile: stimulusFile.flatMap { table.value(row, $0) },
            modulation: strength,
            attributes: attributes
        )
    }
}
