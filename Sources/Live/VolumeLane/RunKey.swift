/// What tells a run from all others.
public struct RunKey: Hashable, Sendable, CustomStringConvertible {
    /// The session.
    public var session: String
    /// The run's name in it.
    public var run: String

    /// Names a run.
    public init(session: String, run: String) {
        self.session = session
        self.run = run
    }

    /// `SESSION/RUN`.
    public var description: String { "\(session)/\(run)" }
}
