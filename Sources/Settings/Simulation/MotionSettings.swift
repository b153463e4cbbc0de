/// How a simulated head moves.
public struct MotionSettings: Sendable, Equatable {
    /// The mean framewise displacement (Power and others 2012), in mm; 0 for a head that lies still.
    public var framewiseDisplacement = 0.1
    /// The probability that the head jerks before a volume.
    public var jerkRate = 0.005
    /// How far a jerk goes, in mm and in units of 0.02 rad.
    public var jerkSize = 0.5
    /// A file with the motion of another run, in place of a simulated one.
    ///
    /// Six columns of numbers, translations in mm and rotations in radians, one line for each volume; they are scaled to
    /// the mean framewise displacement above.
    public var trace: String?
    /// How far the head lies from the first visit's position at any other, in mm (standard deviation along each axis).
    public var visitTranslation = 2.0
    /// How far it is turned, in degrees (standard deviation about each axis).
    public var visitRotation = 1.5

    /// The defaults.
    public init() {}

    static var fields: [SettingsField<Self>] {
        [
            .value("framewiseDisplacement", \.framewiseDisplacement, .number(0...10)),
            .value("jerkRate", \.jerkRate, .number(0...1)),
            .value("jerkSize", \.jerkSize, .number(0...20)),
            .optional("trace", \.trace, .path),
            .value("visitTranslation", \.visitTranslation, .number(0...20)),
            .value("visitRotation", \.visitRotation, .number(0...15)),
        ]
    }
}
