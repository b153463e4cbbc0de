/// What `perceptd` is told to do: the content of `perceptd.yaml`.
///
/// Paths are absolute, or relative to the folder of the file.
public struct DaemonSettings: Sendable, Equatable {
    /// The decoder bundle, a folder `NAME.percept`; nil to make patterns only, without images.
    public var bundle: String?
    /// The folder with mask, reference, settings and statistics of preprocessing; nil if the bundle has them.
    public var preprocessing: String?
    /// Where sessions are kept: the log and the recordings.
    public var state = "/var/lib/percept"
    /// What a run is unless the stream says it.
    public var session = SessionDefaults()
    /// Where volumes come from.
    public var input = InputSettings.percept(PerceptInputSettings())
    /// Where events come from besides the stream.
    public var events = EventSettings()
    /// What happens to volumes that are late, lost or too many.
    public var ingest = IngestSettings()
    /// How patterns become images.
    public var decoding = DecodingSettings()
    /// What is published where.
    public var output = OutputSettings()
    /// What is recorded.
    public var recording = RecordingSettings()
    /// Keys.
    public var security = SecuritySettings()
    /// Threads of the two lanes.
    public var threads = ThreadSettings()
    /// The least important messages that are logged: trace, debug, info, notice, warning, error or critical.
    public var logLevel = "info"

    /// The defaults.
    public init() {}
}

/// What a run is unless the stream says it.
public struct SessionDefaults: Sendable, Equatable {
    /// The name of the session; nil to make one of the date and time.
    public var name: String?
    /// The person, without name: BIDS `sub`.
    public var subject: String?
    /// What the person does: BIDS `task`.
    public var task = "decoding"
    /// The time from volume to volume in s, for sources that do not say it.
    public var repetitionTime: Double?
    /// The number of volumes of a run, for sources that do not say it.
    public var plannedVolumes = 300

    /// The defaults.
    public init() {}
}

/// Where volumes come from.
public enum InputSettings: Sendable, Equatable {
    /// Percept's own protocol, from a publisher.
    case percept(PerceptInputSettings)
    /// A Pyneal-Scanner sender.
    case pyneal(PynealInputSettings)
    /// An AFNI real-time sender such as Dimon.
    case afni(AFNIInputSettings)
    /// A folder in which a scanner puts files.
    case folder(FolderInputSettings)
}

/// How Percept's own publisher is reached.
public struct PerceptInputSettings: Sendable, Equatable {
    /// The publisher's address for volumes and events.
    public var subscribe = "tcp://127.0.0.1:5560"
    /// The publisher's address for requests to send again; nil for the port after `subscribe`'s.
    public var resend: String?
    /// How long a lost message is waited for, in s.
    public var repairDeadline = 1.0
    /// The largest message, in bytes.
    public var largestMessage = 64 << 20

    /// The defaults.
    public init() {}
}

/// Where a Pyneal-Scanner sender is expected.
public struct PynealInputSettings: Sendable, Equatable {
    /// The address that the sender connects to.
    public var bind = "tcp://127.0.0.1:5555"
    /// Starts of addresses of peers that are trusted.
    public var trusted = ["127.0.0.1"]
    /// How long after the last volume a run is over, in s.
    public var silence = 30.0
    /// The largest message, in bytes.
    public var largestMessage = 256 << 20

    /// The defaults.
    public init() {}
}

/// Where an AFNI sender is expected.
public struct AFNIInputSettings: Sendable, Equatable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port for the first words; Dimon's default.
    public var controlPort = 7961
    /// The port for metadata and images.
    public var dataPort = 7960
    /// Starts of addresses of peers that are trusted.
    public var trusted = ["127.0.0.1"]
    /// The largest volume, in bytes.
    public var largestVolume = 256 << 20

    /// The defaults.
    public init() {}
}

/// A folder in which a scanner puts files.
public struct FolderInputSettings: Sendable, Equatable {
    /// The way to notice new files.
    public enum Watch: String, Sendable, CaseIterable {
        /// The kernel says it: local file systems.
        case inotify
        /// The folder is listed again and again: network shares.
        case poll
        /// By the kernel on local file systems, by listing elsewhere.
        case automatic
    }

    /// Which of two series counts, where the scanner sends each volume as measured and motion-corrected.
    public enum MotionCorrection: String, Sendable, CaseIterable {
        /// The volumes as measured.
        case raw
        /// The volumes that the scanner has corrected.
        case corrected
    }

    /// The folder; folders within it are watched too.
    public var path = ""
    /// How new files are noticed.
    public var watch = Watch.automatic
    /// How often the folder is listed, in s.
    public var pollInterval = 0.25
    /// How long a file that cannot be read whole may take to become whole, in s.
    public var settleTime = 2.0
    /// The names of files that count, with `*` and `?`; nil for all.
    public var pattern: String?
    /// The DICOM series that counts; nil for the functional series that come, one after another.
    public var series: Int?
    /// Which of two counts.
    public var motionCorrection = MotionCorrection.raw
    /// Whether files that are there at the start are taken as part of the run.
    public var takesExisting = false
    /// How long after the last volume a run is over, in s.
    public var silence = 30.0
    /// The largest file, in bytes.
    public var largestFile = 1 << 30

    /// The defaults.
    public init() {}
}

/// Where events come from besides the stream.
public struct EventSettings: Sendable, Equatable {
    /// A BIDS `events.tsv` for each run; `{run}` and `{task}` in it stand for the run's name and task.
    public var file: String?
    /// What an event of a trigger message is taken to last, in s, where it does not say it.
    public var duration = 1.0
    /// The trial types that are decoded; nil for all.
    public var trialTypes: [String]?
    /// How far the clock of the computer that shows stimuli is ahead of this machine's, in s; nil to find it from
    /// triggers or acquisition times.
    public var clockOffset: Double?

    /// The defaults.
    public init() {}
}

/// What happens to volumes that are late, lost or too many.
public struct IngestSettings: Sendable, Equatable {
    /// How long a missing volume is waited for after a later one came, in s.
    public var gapDeadline = 1.0
    /// The most volumes that wait to be processed; beyond, the oldest is dropped and counted.
    public var queue = 64
    /// The most voxels of a volume.
    public var largestVolume = 16_777_216

    /// The defaults.
    public init() {}
}

/// How patterns become images.
public struct DecodingSettings: Sendable, Equatable {
    /// Whether there are images at all; patterns come in any case.
    public var enabled = true
    /// The sampler; nil for the bundle's.
    public var sampler: String?
    /// The most sampler steps; nil for the bundle's.
    public var steps: Int?
    /// The fewest sampler steps when time is short.
    public var fewestSteps = 4
    /// How long after its pattern an image is late, in s; nil for the time to the next trial.
    public var deadline: Double?
    /// Which readouts of a trial are decoded: every one, or only the last.
    public var everyReadout = false
    /// The seed of everything random.
    public var seed: UInt64 = 0
    /// Images for each trial; with more than one, their agreement is published.
    public var samples = 1
    /// The most trials that wait to be decoded; beyond, the oldest is dropped and counted.
    public var queue = 4

    /// The defaults.
    public init() {}
}

/// What is published where.
public struct OutputSettings: Sendable, Equatable {
    /// The address that subscribers connect to.
    public var publish = "tcp://127.0.0.1:5570"
    /// The address where they ask for messages again; nil for the port after `publish`'s.
    public var resend: String?
    /// The most messages that wait for a slow subscriber.
    public var queue = 64
    /// How often `status` is published, in s.
    public var statusInterval = 1.0
    /// A folder that each image is also written to, as PNG; nil for none.
    public var images: String?

    /// The defaults.
    public init() {}
}

/// What is recorded.
public struct RecordingSettings: Sendable, Equatable {
    /// Whether volumes are kept.
    public var volumes = true
    /// The most bytes of volumes that wait for the disk; beyond, volumes are not recorded, which is counted.
    public var queue = 256 << 20
    /// After how many volumes the state of processing is kept, to go on from there after a crash.
    public var checkpointInterval = 25
    /// The free space in bytes below which recording stops.
    public var freeSpace = 1 << 30

    /// The defaults.
    public init() {}
}

/// Keys.
public struct SecuritySettings: Sendable, Equatable {
    /// The file of this daemon's CURVE key pair; nil for plain sockets, which stay on loopback.
    public var key: String?
    /// The public key of the publisher of volumes, 40 characters of Z85, or the name of a file with it.
    public var publisher: String?
    /// The public keys of peers that may connect, or the name of a file with one in each line.
    public var allowed: [String] = []

    /// The defaults.
    public init() {}
}

/// Threads of the two lanes.
public struct ThreadSettings: Sendable, Equatable {
    /// Threads that process volumes; nil for one per processor.
    public var volumes: Int?
    /// Threads that decode, and yield to those that process volumes; nil for one per processor.
    public var decoding: Int?
    /// How willingly decoding yields, from 0 to 19.
    public var niceness = 15

    /// The defaults.
    public init() {}
}
