/// What a message is about: its first part, so that subscribers choose.
public enum Topic: String, Sendable, Codable, CaseIterable {
    /// A run begins or ends: ``RunBody``.
    case run
    /// A volume: ``VolumeBody``.
    case volume
    /// A stimulus: ``EventBody``.
    case event
    /// A pulse of the scanner: ``TriggerBody``.
    case trigger
    /// How the daemon is: ``StatusBody``.
    case status
    /// How the head moved: ``MotionBody``.
    case motion
    /// How good a volume is: ``QualityBody``.
    case quality
    /// A trial's voxel pattern: ``PatternBody``.
    case pattern
    /// An image on the way: ``ReconstructionBody``.
    case preview
    /// A trial's image: ``ReconstructionBody``.
    case reconstruction
    /// What is safe on disk: ``RecordedBody``.
    case recorded
    /// How far a publisher's numbers go: ``Heartbeat``.
    case heartbeat
    /// A request for messages again: ``ResendRequest``.
    case resend
    /// The end of the answer to a request: ``ResendAnswer``.
    case resent

    /// Whether it keeps the stream together, and is not numbered itself.
    public var isControl: Bool { self == .heartbeat || self == .resend || self == .resent }
}
