/// What a numbered message says, whichever its topic.
public enum MessageContent: Sendable, Equatable {
    /// A run begins or ends.
    case run(RunBody)
    /// A volume.
    case volume(VolumeBody)
    /// A stimulus.
    case event(EventBody)
    /// A pulse of the scanner.
    case trigger(TriggerBody)
    /// How the daemon is.
    case status(StatusBody)
    /// How the head moved.
    case motion(MotionBody)
    /// How good a volume is.
    case quality(QualityBody)
    /// A trial's voxel pattern.
    case pattern(PatternBody)
    /// An image on the way.
    case preview(ReconstructionBody)
    /// A trial's image.
    case reconstruction(ReconstructionBody)
    /// What is safe on disk.
    case recorded(RecordedBody)
}

extension WireMessage {
    /// The header of a numbered message of any topic, checked as ``decode(_:_:)`` does it.
    ///
    /// Throws `malformed` for a topic that is not numbered.
    public func content(
        _ limits: MessageLimits = MessageLimits()
    ) throws(WireError) -> (stamp: MessageStamp, content: MessageContent) {
        switch topic {
        case .run: try content(RunBody.self, MessageContent.run, limits)
        case .volume: try content(VolumeBody.self, MessageContent.volume, limits)
        case .event: try content(EventBody.self, MessageContent.event, limits)
        case .trigger: try content(TriggerBody.self, MessageContent.trigger, limits)
        case .status: try content(StatusBody.self, MessageContent.status, limits)
        case .motion: try content(MotionBody.self, MessageContent.motion, limits)
        case .quality: try content(QualityBody.self, MessageContent.quality, limits)
        case .pattern: try content(PatternBody.self, MessageContent.pattern, limits)
        case .preview: try content(ReconstructionBody.self, MessageContent.preview, limits)
        case .reconstruction: try content(ReconstructionBody.self, MessageContent.reconstruction, limits)
        case .recorded: try content(RecordedBody.self, MessageContent.recorded, limits)
        case .heartbeat, .resend, .resent:
            throw WireError(.malformed, "topic", "is \(topic.rawValue), which is not numbered")
        }
    }

    private func content<Body: MessageBody>(
        _ type: Body.Type,
        _ wrap: (Body) -> MessageContent,
        _ limits: MessageLimits
    ) throws(WireError) -> (stamp: MessageStamp, content: MessageContent) {
        let header = try decode(type, limits)
        return (header.stamp, wrap(header.body))
    }
}
