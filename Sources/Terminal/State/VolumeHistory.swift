import WireFormat

/// The motion and quality of the last volumes of a run.
public struct VolumeHistory: Sendable, Equatable {
    /// A value of a volume.
    public struct Entry: Sendable, Equatable {
        /// The volume.
        public var index: Int
        /// The value.
        public var value: Double
    }

    /// What is remarkable about a volume.
    public struct Remark: Sendable, Equatable {
        /// The volume.
        public var index: Int
        /// What it is.
        public var flags: [String]
    }

    /// The most volumes that are kept.
    public static let capacity = 600
    private static let mostRemarks = 32

    /// The last volume's motion.
    public private(set) var motion: MotionBody?
    /// The last volume's quality.
    public private(set) var quality: QualityBody?
    /// Framewise displacement in mm, by volume.
    public private(set) var displacements: [Entry] = []
    /// DVARS in %, by volume.
    public private(set) var dvars: [Entry] = []
    /// The largest framewise displacement of the run.
    public private(set) var largest: Entry?
    /// The volumes that are remarkable, the latest last.
    public private(set) var remarks: [Remark] = []
    /// Seconds per volume between the last messages, as they were sent.
    private var intervals: [Double] = []
    private var lastSent: (index: Int, time: Double)?

    /// Nothing yet.
    public init() {}

    /// The time from volume to volume as measured, in s: a median, so that pauses do not count.
    public var measuredInterval: Double? {
        guard intervals.count >= 5 else { return nil }
        return intervals.sorted()[intervals.count / 2]
    }

    /// Takes in a volume's motion.
    public mutating func take(_ motion: MotionBody) {
        self.motion = motion
        let entry = Entry(index: motion.index, value: motion.framewiseDisplacement)
        Self.append(entry, to: &displacements)
        if entry.value > largest?.value ?? 0 { largest = entry }
    }

    /// Takes in a volume's quality, sent at a time in s.
    public mutating func take(_ quality: QualityBody, sentAt: Double) {
        self.quality = quality
        if let dvars = quality.dvars { Self.append(Entry(index: quality.index, value: dvars), to: &self.dvars) }
        if !quality.flags.isEmpty || !quality.isUsable {
            let flags = quality.flags.isEmpty ? ["unusable"] : quality.flags
            remarks.append(Remark(index: quality.index, flags: flags))
            if remarks.count > Self.mostRemarks { remarks.removeFirst() }
        }
        if let lastSent, quality.index > lastSent.index, sentAt > lastSent.time {
            intervals.append((sentAt - lastSent.time) / Double(quality.index - lastSent.index))
            if intervals.count > 31 { intervals.removeFirst() }
        }
        lastSent = (quality.index, sentAt)
    }

    private static func append(_ entry: Entry, to entries: inout [Entry]) {
        // A volume that comes again, or late, would break the order that a chart relies on.
        guard entry.index > entries.last?.index ?? -1 else { return }
        entries.append(entry)
        if entries.count > capacity { entries.removeFirst() }
    }

    /// Whether all that is shown is the same.
    public static func == (left: VolumeHistory, right: VolumeHistory) -> Bool {
        left.motion == right.motion && left.quality == right.quality && left.displacements == right.displacements
            && left.dvars == right.dvars && left.remarks == right.remarks && left.largest == right.largest
    }
}
