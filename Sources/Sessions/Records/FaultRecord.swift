/// Something that went wrong.
public struct FaultRecord: LogRecord {
    /// How bad a fault is.
    public enum Severity: String, Sendable, Codable, CaseIterable {
        /// Worth knowing.
        case notice
        /// Something was degraded.
        case warning
        /// Something was lost.
        case error
        /// The daemon ends.
        case critical
    }

    /// The table that it belongs to.
    public static let table = "fault"

    /// The number of the row; nil until it is stored.
    public var id: Int64?
    /// The session's row, where it belongs to one.
    public var sessionID: Int64?
    /// The run's row, where it belongs to one.
    public var runID: Int64?
    /// When, in s since 1970.
    public var at: Double
    /// How bad it is.
    public var severity: Severity
    /// The kind of fault.
    public var code: String
    /// What it is about.
    public var subject: String
    /// What was wrong.
    public var detail: String
    /// How many times it happened, where repetitions are counted.
    public var count: Int

    /// Describes a fault.
    public init(
        sessionID: Int64? = nil,
        runID: Int64? = nil,
        at: Double,
        severity: Severity,
        code: String,
        subject: String,
        detail: String,
        count: Int = 1
    ) {
        (self.sessionID, self.runID, self.at, self.severity) = (sessionID, runID, at, severity)
        (self.code, self.subject, self.detail, self.count) = (code, subject, detail, count)
    }
}
