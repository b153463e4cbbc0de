/// What came of a session.
public struct SessionSummary: Sendable, Equatable, Codable {
    /// A fault, once for all its repetitions.
    public struct Fault: Sendable, Equatable, Codable {
        /// When it came first, in s since 1970.
        public var at: Double
        /// How bad it is.
        public var severity: FaultRecord.Severity
        /// The kind.
        public var code: String
        /// What it is about.
        public var subject: String
        /// What was wrong.
        public var detail: String
        /// How many times it happened.
        public var count: Int
    }

    /// What tells the session from all others.
    public var name: String
    /// The person.
    public var subject: String?
    /// When it began, in s since 1970.
    public var startedAt: Double
    /// When it ended, in s since 1970.
    public var endedAt: Double?
    /// The program and its version.
    public var software: String
    /// The folder of the decoder bundle.
    public var bundlePath: String
    /// The SHA-256 that names the bundle's content.
    public var bundleHash: String?
    /// The SHA-256 of the configuration.
    public var configurationHash: String
    /// The bytes of the recordings.
    public var recordedBytes: Int
    /// The runs in the order in which they began.
    public var runs: [RunSummary]
    /// What went wrong.
    public var faults: [Fault]

    /// Sums up a session of a log.
    public init(_ session: SessionRecord, log: SessionLog, store: SessionStore) throws(SessionError) {
        guard let id = session.id else { throw SessionError(.missing, session.name, "the session is not stored") }
        (name, subject, startedAt, endedAt) = (session.name, session.subject, session.startedAt, session.endedAt)
        (software, bundlePath, bundleHash) = (session.software, session.bundlePath, session.bundleHash)
        configurationHash = session.configurationHash
        recordedBytes = store.recordedBytes(ofSession: session.name)
        var runs: [RunSummary] = []
        for run in try log.runs(ofSession: id) { runs.append(try RunSummary(run, log: log)) }
        self.runs = runs
        var faults: [Fault] = []
        for fault in try log.faults(ofSession: id) {
            let known = faults.firstIndex {
                $0.severity == fault.severity && $0.code == fault.code && $0.subject == fault.subject
                    && $0.detail == fault.detail
            }
            if let known {
                faults[known].count += fault.count
            } else {
                faults.append(
                    Fault(
                        at: fault.at,
                        severity: fault.severity,
                        code: fault.code,
                        subject: fault.subject,
                        detail: fault.detail,
                        count: fault.count
                    )
                )
            }
        }
        self.faults = faults
    }
}
