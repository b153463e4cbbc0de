import Neuroimaging
import Settings
import Synchronization

/// Volumes from a Pyneal-Scanner sender, which takes us for Pyneal.
///
/// The sender waits for an answer to each volume; it gets it once the volume is delivered. The protocol has no keys: peers
/// are told apart by their address only.
public final class PynealSource: VolumeSource {
    private struct State {
        var server: PynealServer?
        var names: PeerRunNames
    }

    private let settings: PynealInputSettings
    private let expectations: PynealReceiver.Expectations
    private let state: Mutex<State>

    /// What logs call it.
    public let name: String

    /// Describes a source; it binds its address once it runs.
    ///
    /// - Parameters:
    ///   - settings: Where to wait for the sender.
    ///   - session: The session that runs belong to.
    ///   - plannedVolumes: The number of volumes of a run; once they are in, it is soon over.
    ///   - repetitionTime: The time from volume to volume in s, where the sender does not say it.
    ///   - takenNames: Names that runs may not have, such as those of the session so far.
    public init(
        settings: PynealInputSettings,
        session: String,
        plannedVolumes: Int? = nil,
        repetitionTime: Double? = nil,
        takenNames: Set<String> = []
    ) {
        name = "pyneal \(settings.bind)"
        self.settings = settings
        expectations = PynealReceiver.Expectations(
            session: session,
            plannedVolumes: plannedVolumes,
            repetitionTime: repetitionTime,
            largestVolume: settings.largestMessage,
            silence: settings.silence
        )
        state = Mutex(State(server: nil, names: PeerRunNames(taken: takenNames)))
    }

    /// Binds the address, unless that was done already; returns it with the port that was chosen.
    ///
    /// Running does it too; calling it before tells the port where the settings leave it open.
    /// - Throws: `address` where it is in use or none of this machine's.
    @discardableResult
    public func listen() async throws -> String {
        let server = try state.withLock { state in
            if let server = state.server { return server }
            let server = try PynealServer(settings, PynealReceiver(expectations, names: state.names))
            state.server = server
            return server
        }
        do {
            return try await server.listen()
        } catch {
            _ = await stop(server)
            throw error
        }
    }

    /// Takes in runs until the task is cancelled.
    ///
    /// A stream cannot be resumed: what was not taken in is lost.
    /// - Throws: `address` where the address is in use or none of this machine's.
    public func run(
        resumingAt position: StreamPosition?,
        deliver: @escaping @Sendable (ScannerInput) -> Void
    ) async throws {
        try await listen()
        guard let server = state.withLock({ $0.server }) else { return }
        await server.serve(deliver)
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
        await stop(server)
    }

    private func stop(_ server: PynealServer) async {
        let names = await server.stop()
        state.withLock { $0 = State(server: nil, names: names) }
    }
}
