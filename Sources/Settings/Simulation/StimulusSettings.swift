/// When images are shown to a simulated participant, and how large.
public struct StimulusSettings: Sendable, Equatable {
    /// The width of an image, in degrees of visual angle.
    public var visualAngle = 8.0
    /// How long an image is shown, in s.
    public var duration = 3.0
    /// The time from the onset of an image to that of the next, in s.
    public var interval = 6.0
    /// The most by which an interval is longer, in s; uniform.
    public var jitter = 0.0
    /// The time before the first image, in s.
    public var leadIn = 9.0
    /// The time after the last onset, in s.
    public var leadOut = 18.0

    /// The defaults.
    public init() {}

    static var fields: [SettingsField<Self>] {
        [
            .value("visualAngle", \.visualAngle, .number(0.5...60)),
            .value("duration", \.duration, .number(0.1...120)),
            .value("interval", \.interval, .number(0.2...240)),
            .value("jitter", \.jitter, .number(0...60)),
            .value("leadIn", \.leadIn, .number(0...600)),
            .value("leadOut", \.leadOut, .number(0...600)),
        ]
    }
}
