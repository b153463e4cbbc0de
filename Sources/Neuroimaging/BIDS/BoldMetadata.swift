/// How a run was acquired: a BIDS `_bold.json` sidecar.
///
/// All times are in seconds. What a sidecar does not tell is nothing here.
public struct BoldMetadata: Sendable, Equatable {
    /// An axis of the image and a direction along it: `j-` is from the last to the first voxel of the second axis.
    public enum Direction: String, Sendable {
        /// Along the first axis.
        case i
        /// Against the first axis.
        case iReversed = "i-"
        /// Along the second axis.
        case j
        /// Against the second axis.
        case jReversed = "j-"
        /// Along the third axis.
        case k
        /// Against the third axis.
        case kReversed = "k-"

        /// The axis, 0 to 2.
        public var axis: Int {
            switch self {
            case .i, .iReversed: 0
            case .j, .jReversed: 1
            case .k, .kReversed: 2
            }
        }

        /// Whether it runs from the last voxel to the first.
        public var isReversed: Bool { self == .iReversed || self == .jReversed || self == .kReversed }
    }

    /// From the start of a volume to the start of the next; nothing where `volumeTiming` is given.
    public var repetitionTime: Double?
    /// When each volume began; nothing where volumes follow each other at the repetition time.
    public var volumeTiming: [Double]?
    /// When each slice was acquired after the start of its volume, in the order of `sliceEncodingDirection`.
    public var sliceTiming: [Double]?
    /// The axis of slices; BIDS says `k` where it is not given.
    public var sliceEncodingDirection: Direction?
    /// The echo time.
    public var echoTime: Double?
    /// The direction of phase encoding.
    public var phaseEncodingDirection: Direction?
    /// The time between echoes, after acceleration.
    public var effectiveEchoSpacing: Double?
    /// From the centre of the first echo to that of the last.
    public var totalReadoutTime: Double?
    /// The pause at the end of each volume, as in sparse acquisition.
    public var delayTime: Double?
    /// The number of slices that are acquired at once.
    public var multibandAccelerationFactor: Int?
    /// The flip angle in degrees.
    public var flipAngle: Double?
    /// The strength of the field in tesla.
    public var magneticFieldStrength: Double?
    /// The name of the task.
    public var taskName: String?
    /// The number of volumes at the start that the scanner left out of the run.
    public var volumesDiscardedByScanner: Int?
    /// The number of volumes at the start that were removed from the run afterwards.
    public var volumesDiscardedByUser: Int?
    /// Who made the scanner.
    public var manufacturer: String?

    /// Describes a run of regularly acquired volumes.
    public init(repetitionTime: Double, sliceTiming: [Double]? = nil, taskName: String? = nil) {
        self.repetitionTime = repetitionTime
        self.sliceTiming = sliceTiming
        self.taskName = taskName
    }

    /// The largest repetition time and the largest echo time that are taken for seconds.
    private static let longest = (repetition: 30.0, echo: 1.0)

    /// Reads sidecars.
    ///
    /// - Parameters:
    ///   - sidecars: the content of one or several JSON files; what a later one says replaces what an earlier one said.
    ///   - name: what errors call them.
    /// - Throws: `NeuroimagingError` for what is no JSON object, values of a wrong type, and times that contradict each
    ///   other or are in milliseconds.
    public init(json sidecars: [UInt8]..., name: String = "") throws(NeuroimagingError) {
        try self.init(json: sidecars, name: name)
    }

    /// Reads sidecars, of which later ones replace what earlier ones say.
    ///
    /// - Throws: `NeuroimagingError`.
    public init(json sidecars: [[UInt8]], name: String = "") throws(NeuroimagingError) {
        var members: [String: JSONValue] = [:]
        for sidecar in sidecars {
            members.merge(try JSONValue.members(of: sidecar, name: name)) { _, later in later }
        }
        try self.init(JSONMembers(members: members, name: name))
    }

    private init(_ json: JSONMembers) throws(NeuroimagingError) {
        repetitionTime = try json.positive("RepetitionTime", "s")
        if let repetitionTime, repetitionTime > Self.longest.repetition {
            throw json.error(
                "RepetitionTime",
                "is \(repetitionTime) s, more than \(Self.longest.repetition) s: it is probably in ms; divide it by 1000"
            )
        }
        echoTime = try json.positive("EchoTime", "s")
        if let echoTime, echoTime > Self.longest.echo {
            throw json.error("EchoTime", "is \(echoTime) s: it is probably in ms; divide it by 1000")
        }
        volumeTiming = try Self.volumeTiming(json)
        guard (repetitionTime == nil) != (volumeTiming == nil) else {
            throw repetitionTime == nil
                ? NeuroimagingError(
                    .missing,
                    json.name,
                    "neither RepetitionTime nor VolumeTiming; add one of them, in s"
                )
                : NeuroimagingError(.inconsistent, json.name, "RepetitionTime and VolumeTiming exclude each other")
        }
        sliceTiming = try Self.sliceTiming(json, repetitionTime, volumeTiming)
        sliceEncodingDirection = try Self.direction(json, "SliceEncodingDirection")
        phaseEncodingDirection = try Self.direction(json, "PhaseEncodingDirection")
        effectiveEchoSpacing = try json.positive("EffectiveEchoSpacing", "s")
        totalReadoutTime = try json.positive("TotalReadoutTime", "s")
        delayTime = try json.number("DelayTime")
        multibandAccelerationFactor = try json.count("MultibandAccelerationFactor")
        flipAngle = try json.positive("FlipAngle", "degrees")
        magneticFieldStrength = try json.positive("MagneticFieldStrength", "T")
        taskName = try json.text("TaskName")
        volumesDiscardedByScanner = try json.count("NumberOfVolumesDiscardedByScanner")
        volumesDiscardedByUser = try json.count("NumberOfVolumesDiscardedByUser")
        manufacturer = try json.text("Manufacturer")
    }

    /// When the first `count` volumes began, in seconds after the first.
    ///
    /// - Throws: `NeuroimagingError` where `volumeTiming` tells of fewer volumes.
    public func frameTimes(count: Int) throws(NeuroimagingError) -> [Double] {
        guard let volumeTiming else { return (0..<count).map { Double($0) * (repetitionTime ?? 0) } }
        guard count <= volumeTiming.count else {
            throw NeuroimagingError(
                .inconsistent,
                "VolumeTiming",
                "it tells of \(volumeTiming.count) volumes but the run has \(count)"
            )
        }
        return volumeTiming.prefix(count).map { $0 - volumeTiming[0] }
    }

    private static func volumeTiming(_ json: JSONMembers) throws(NeuroimagingError) -> [Double]? {
        guard let times = try json.numbers("VolumeTiming") else { return nil }
        guard !times.isEmpty, zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw json.error("VolumeTiming", "has to be a list of rising times in s, one per volume")
        }
        return times
    }

    private static func sliceTiming(
        _ json: JSONMembers,
        _ repetitionTime: Double?,
        _ volumeTiming: [Double]?
    ) throws(NeuroimagingError) -> [Double]? {
        guard let times = try json.numbers("SliceTiming") else { return nil }
        let gaps = volumeTiming.map { zip($0.dropFirst(), $0).map { $0 - $1 } } ?? []
        let longest = repetitionTime ?? gaps.min() ?? .infinity
        // Converters round times to microseconds.
        guard let wrong = times.first(where: { $0 < 0 || $0 > longest + 1e-6 }) else { return times }
        let hint = wrong > 30 ? "; it is probably in ms: divide the times by 1000" : ""
        throw json.error("SliceTiming", "holds \(wrong) s, outside of a volume's time, 0 to \(longest) s\(hint)")
    }

    private static func direction(_ json: JSONMembers, _ key: String) throws(NeuroimagingError) -> Direction? {
        guard let text = try json.text(key) else { return nil }
        guard let direction = Direction(rawValue: text) else {
            throw json.error(key, "is “\(text.shortened)” but has to be i, i-, j, j-, k or k-")
        }
        return direction
    }
}
