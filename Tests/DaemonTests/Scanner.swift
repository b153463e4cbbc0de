import Foundation
import Neuroimaging
import Streaming
import TestSupport
import WireFormat

/// The scanner's side: publishes runs of a small scan.
struct Scanner {
    let scan: SmallScan
    let publisher: StreamPublisher

    /// Announces a run and its events.
    func begin(session: String = "s1", run: String = "r1") throws {
        let description = scan.description(session: session, run: run)
        try publisher.publish(RunBody(starting: description), topic: .run, session: session, run: run)
        for event in scan.events {
            let incoming = IncomingEvent(
                session: session,
                run: run,
                event: event,
                onset: .run(event.onset),
                arrival: Arrival(instant: .now, time: 0)
            )
            try publisher.publish(EventBody(incoming), topic: .event, session: session, run: run)
        }
    }

    /// Sends a volume; returns its number among the publisher's messages.
    @discardableResult
    func send(
        _ index: Int,
        session: String = "s1",
        run: String = "r1",
        delivery: Delivery = .sent
    ) throws -> UInt64 {
        let volume = scan.incoming(index, session: session, run: run)
        return try publisher.publish(
            VolumeBody(volume),
            topic: .volume,
            session: session,
            run: run,
            payload: [volume.volume.bytes],
            delivery: delivery
        )
    }

    /// Sends volumes.
    func send(_ indices: Range<Int>, session: String = "s1", run: String = "r1") throws {
        for index in indices { try send(index, session: session, run: run) }
    }

    /// Says that a run is over.
    func end(session: String = "s1", run: String = "r1") throws {
        try publisher.publish(RunBody(phase: .end, reason: "finished"), topic: .run, session: session, run: run)
    }
}
