import Sessions
import WireFormat

/// The volumes of a run that a crash cannot lose, for `recorded`.
struct DurableVolumes: Sendable {
    private var index = -1
    private var arrivals = 0
    private var recording = ""
    /// Whether no volume that arrived is missing so far: beyond one that is not on disk, no index can be promised.
    private var isWhole = true

    /// Adds a volume whose row is on disk.
    mutating func add(_ volume: VolumeRecord) {
        if let file = volume.recording, volume.place != nil {
            arrivals += 1
            recording = file
            if isWhole, volume.status == .processed { index = max(index, volume.index) }
        } else if [.processed, .late, .dropped].contains(volume.status) {
            isWhole = false
        }
    }

    /// What is said; nil while nothing can be promised.
    var body: RecordedBody? {
        index < 0 ? nil : RecordedBody(index: index, arrivals: arrivals, recording: recording)
    }
}
