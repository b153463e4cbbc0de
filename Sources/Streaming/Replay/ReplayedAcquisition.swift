import Foundation
import Neuroimaging

/// A NIfTI file or DICOM series, to be sent again.
public struct ReplayedAcquisition: ReplayableRun {
    private let run: AcquiredRun
    /// The entities of its BIDS name but the person and the session, `series-N`, or the file's name.
    public let name: String
    /// The `sub` of its BIDS name.
    public let subject: String?
    /// The `task` of its BIDS name.
    public let task: String?
    /// Those of the BIDS table beside it.
    public let events: [StimulusEvent]

    /// Takes a run with the events that BIDS has beside it.
    ///
    /// - Throws: `NeuroimagingError` where the events cannot be read.
    public init(_ run: AcquiredRun) throws {
        self.run = run
        let file = BIDSFile(URL(fileURLWithPath: run.path))
        let stem = run.path.split(separator: "/").last.map { String($0.prefix { $0 != "." }) } ?? "run"
        (subject, task) = (file?.entities["sub"], file?.entities["task"])
        if let number = run.seriesNumber {
            name = "series-\(number)"
        } else if let file, !file.entities.isEmpty {
            let parts = stem.split(separator: "_").dropLast().filter { !$0.hasPrefix("sub-") && !$0.hasPrefix("ses-") }
            name = parts.isEmpty ? stem : parts.joined(separator: "_")
        } else {
            name = stem.isEmpty ? "run" : stem
        }
        events = run.seriesNumber == nil ? try file?.events()?.events ?? [] : []
    }

    /// The file or folder.
    public var path: String { run.path }

    /// The time from volume to volume in s, where it is known.
    public var repetitionTime: Double? { run.repetitionTime }

    /// The numbers of the volumes that are there.
    public var numbers: [Int] { run.numbers }

    /// Reads a volume as it is stored.
    public func volume(_ place: Int) throws -> StoredVolume { try run.storedVolume(place) }

    /// The DICOM files that hold a volume.
    public func files(_ place: Int) -> [String] { run.files(ofVolume: place) }
}
