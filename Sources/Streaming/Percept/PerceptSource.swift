import Neuroimaging
import Settings
import Synchronization
import WireFormat

/// Takes in volumes and events that a ``StreamPublisher`` sends.
///
/// What is missing is asked for again, and waited for until its deadline; messages are delivered in the publisher's
/// order, each once. `Docs/protocol.md` says how.
public final class PerceptSource: VolumeSource {
    /// `percept` and the publisher's address.
    public var name: String { "percept \(settings.subscribe)" }

    private let settings: PerceptInputSettings
    private let security: SecuritySettings
    private let limits: MessageLimits
    private let state = Mutex(StreamCounters())

    /// Describes a source; nothing is opened before it runs.
    ///
    /// - Parameters:
    ///   - settings: The addresses and deadline.
    ///   - security: The keys.
    ///   - limits: What a message may claim.
    public init(
        _ settings: PerceptInputSettings,
        security: SecuritySettings = SecuritySettings(),
        limits: MessageLimits = MessageLimits()
    ) {
        (self.settings, self.security, self.limits) = (settings, security, limits)
    }

    /// What has come since the last start.
    public var counters: StreamCounters { state.withLock { $0 } }

    /// Takes in what comes until the task is cancelled.
    public func run(
        resumingAt position: StreamPosition?,
        deliver: @escaping @Sendable (ScannerInput) -> Void
    ) async throws {
        let assembly = StreamAssembly(
            address: settings.subscribe,
            position: position,
            deadline: .seconds(settings.repairDeadline),
            limits: limits
        )
        let receiver = try PerceptReceiver(
            settings,
            security: try SocketSecurity(security),
            assembly: assembly,
            deliver: deliver,
            count: { counters in self.state.withLock { $0 = counters } }
        )
        do {
            try await receiver.start()
        } catch {
            await receiver.shutDown()
            throw error
        }
        // Nothing is ever yielded: the wait ends when the task is cancelled.
        let (never, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
        withExtendedLifetime(continuation) {}
        await receiver.shutDown()
    }
}
