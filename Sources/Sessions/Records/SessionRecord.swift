/// One visit of one person, with one decoder and one configuration.
public struct SessionRecord: LogRecord {
    /// The table that it belongs to.
    public static let table = "session"

    /// The number of the row; nil until it is stored.
    public var id: Int64?
    /// What tells it from all others.
    public var name: String
    /// The person, without name: BIDS `sub`.
    public var subject: String?
    /// When it began, in s since 1970.
    public var startedAt: Double
    /// When it ended, in s since 1970; nil while it goes on, or if the daemon was killed.
    public var endedAt: Double?
    /// The program and its version.
    public var software: String
    /// The folder of the decoder bundle; empty where nothing is decoded.
    public var bundlePath: String
    /// The SHA-256 that names the bundle's content.
    public var bundleHash: String?
    /// The SHA-256 of the configuration.
    public var configurationHash: String
    /// The configuration as it was read.
    public var configuration: String

    /// Describes a session that begins.
    public init(
        name: String,
        subject: String? = nil,
        startedAt: Double,
        software: String,
        bundlePath: String = "",
        bundleHash: String? = nil,
        configurationHash: String,
        configuration: String
    ) {
        (self.name, self.subject, self.startedAt, self.software) = (name, subject, startedAt, software)
        (self.bundlePath, self.bundleHash) = (bundlePath, bundleHash)
        (self.configurationHash, self.configuration) = (configurationHash, configuration)
    }
}
