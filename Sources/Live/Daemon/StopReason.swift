/// Why the daemon leaves a run that its source may go on with.
enum StopReason: String, Sendable {
    /// It was told to stop.
    case stopped
    /// Its task was cancelled.
    case cancelled
    /// Its source cannot go on.
    case sourceFailed = "the source failed"
}
