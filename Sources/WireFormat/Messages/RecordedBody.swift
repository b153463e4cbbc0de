/// What is safe on disk (topic `recorded`), published once it is.
public struct RecordedBody: MessageBody, Equatable {
    /// The topic.
    public static let topics: Set<Topic> = [.recorded]

    /// The highest volume index such that every volume that arrived with an index up to it is durable.
    public var index: Int
    /// How many volumes of the run are durable.
    public var arrivals: Int
    /// The recording's file name, without folder.
    public var recording: String

    /// Describes what is durable.
    public init(index: Int, arrivals: Int, recording: String) {
        self.index = index
        self.arrivals = arrivals
        self.recording = recording
    }

    /// Throws if a field is out of its range, or there is a payload.
    public func check(payload: [[UInt8]], _ limits: MessageLimits) throws(WireError) {
        try Check.index(index, "index", limits)
        try Check.index(arrivals, "arrivals", limits)
        try Check.name(recording, "recording", limits)
        try Check.noPayload(payload)
    }
}
