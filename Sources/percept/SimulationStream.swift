import Foundation
import Simulation
import Streaming

/// Sends simulated runs as a scanner does.
struct SimulationStream {
    private let sender: PerceptReplaySender
    private let options: Replay.Options
    private let session: String?

    /// Binds an address, and waits for a subscriber.
    init(address: String, security: SocketSecurity, session: String?, speed: Double, timeout: Double) async throws {
        let publisher = try await StreamPublisher.opened(
            PublisherSettings(publish: address),
            name: "simulation",
            security: security,
            patience: timeout
        )
        sender = PerceptReplaySender(publisher)
        var options = Replay.Options()
        options.speed = speed
        (self.options, self.session) = (options, session)
    }

    /// Sends a run to its end.
    func send(_ room: SimulatedRoom, run number: Int) async throws {
        var options = options
        options.session = session ?? SimulationFolder.session(visit: room.visit)
        let replay = Replay(options, over: sender) { try room.run(number) }
        let notices = ReplayNotices(showsProgress: StandardError.isTerminal)
        let summary = try await replay.run { notices.show($0) }
        print(summary.text)
    }

    /// Goes on answering requests for lost messages for a while, then closes the sockets.
    func close() async {
        try? await Task.sleep(for: .seconds(2))
        await sender.close()
    }
}
