import Foundation
import Neuroimaging
import Sessions

extension VolumeLane {
    /// Counts a volume that came faster than volumes are processed.
    func drop(_ volume: IncomingVolume) {
        note(
            SourceFault(.lost, "volume \(volume.index)", "came faster than volumes are processed; it was dropped")
        )
        guard isCurrent(volume.session, volume.run), let key = run?.key else {
            // Its run is about to begin; its voxels are not kept so long.
            droppedEarly[RunKey(session: volume.session, run: volume.run), default: []].insert(volume.index)
            return
        }
        var volume = volume
        if let time = run?.time(of: volume.arrival) { volume.arrival.time = time }
        publisher.keep(volume, as: .dropped, run: key)
        giveUp([volume.index])
    }

    func giveUp(_ indices: some Collection<Int>) {
        context.monitor.count {
            $0.received += indices.count
            $0.dropped += indices.count
        }
        for index in indices {
            if let outcome = run?.sequencer.giveUp(index) { carry(out: outcome) }
        }
    }

    /// Counts and keeps a volume that cannot be processed.
    func refuse(_ volume: IncomingVolume, _ reason: String) {
        context.monitor.count { $0.refused += 1 }
        if let key = run?.key { publisher.keep(volume, as: .refused, run: key) }
        note(SourceFault(.foreign, "volume \(volume.index)", reason))
    }

    /// The time now, on the clock of the run's volumes.
    var now: Double {
        let arrival = Arrival(instant: .now, time: Date().timeIntervalSince1970)
        return run?.time(of: arrival) ?? arrival.time
    }
}
