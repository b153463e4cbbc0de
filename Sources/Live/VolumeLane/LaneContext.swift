import Logging
import Preprocessing
import Settings

/// What made a result: it goes with everything that leaves the daemon.
public struct Provenance: Sendable, Equatable {
    /// The digest of the bundle's weights; nil without a decoder.
    public var bundle: String?
    /// The digest of the settings and of what volumes are processed with.
    public var configuration: String

    /// Names the digests.
    public init(bundle: String?, configuration: String) {
        self.bundle = bundle
        self.configuration = configuration
    }
}

/// What the volume lane works with.
public struct LaneContext: Sendable {
    /// What runs are processed with.
    public var model: ProcessingModel
    /// What the daemon is told to do.
    public var settings: DaemonSettings
    /// What makes the results.
    public var provenance: Provenance
    /// Where results go.
    public var publication: any Publication
    /// Where they are kept.
    public var recorder: any RecordSink
    /// The trials that wait to be decoded.
    public var trials: TrialQueue
    /// What is counted.
    public var monitor: LiveMonitor
    /// The log.
    public var log: Logger

    /// Puts the parts together.
    public init(
        model: ProcessingModel,
        settings: DaemonSettings,
        provenance: Provenance,
        publication: any Publication,
        recorder: any RecordSink,
        trials: TrialQueue,
        monitor: LiveMonitor,
        log: Logger
    ) {
        (self.model, self.settings, self.provenance) = (model, settings, provenance)
        (self.publication, self.recorder, self.trials) = (publication, recorder, trials)
        (self.monitor, self.log) = (monitor, log)
    }
}
