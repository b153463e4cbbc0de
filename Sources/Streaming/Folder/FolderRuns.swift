import Foundation
import Neuroimaging

/// Hands on volumes, and says when runs begin and end.
struct FolderRuns {
    typealias Instant = ContinuousClock.Instant

    private let session: String
    private let silence: Duration
    private let deliver: (ScannerInput) -> Void
    /// The run that goes on.
    private(set) var open: (run: FolderRun, lastVolume: Instant)?

    init(session: String, silence: Duration, deliver: @escaping (ScannerInput) -> Void) {
        (self.session, self.silence, self.deliver) = (session, silence, deliver)
    }

    /// When the run that goes on is over unless a volume comes.
    var deadline: Instant? { open.map { $0.lastVolume + silence } }

    /// Hands on a volume of the run that goes on, or of one that begins.
    mutating func volume(
        _ run: FolderRun,
        index: Int,
        _ volume: StoredVolume,
        acquiredAt: Double?,
        arrival: Arrival
    ) {
        if open == nil {
            var description = RunDescription(session: session, run: run.name)
            description.subject = run.subject
            description.task = run.task
            description.repetitionTime = run.repetitionTime
            description.plannedVolumes = run.plannedVolumes
            description.startedAt = acquiredAt.flatMap { time in
                index == 0 ? time : run.repetitionTime.map { time - Double(index) * $0 }
            }
            deliver(.runStart(description, arrival))
        }
        precondition(open.map { $0.run.key == run.key } ?? true, "the run before has ended")
        open = (run, .now)
        deliver(
            .volume(
                IncomingVolume(
                    session: session,
                    run: run.name,
                    index: index,
                    volume: volume,
                    repetitionTime: run.repetitionTime,
                    acquiredAt: acquiredAt,
                    position: StreamPosition(publisher: run.key, sequence: UInt64(max(0, index))),
                    arrival: arrival
                )
            )
        )
    }

    /// Ends the run that goes on.
    mutating func end(_ reason: String) {
        guard let run = open?.run else { return }
        open = nil
        deliver(.runEnd(session: session, run: run.name, reason: reason))
    }

    /// Passes a fault on.
    func fault(_ fault: SourceFault) { deliver(.fault(fault)) }
}
