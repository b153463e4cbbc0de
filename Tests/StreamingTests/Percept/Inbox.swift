import Neuroimaging
import Settings
import Synchronization

@testable import Streaming

/// What a source has delivered.
final class Inbox: Sendable {
    private let inputs = Mutex<[ScannerInput]>([])

    var all: [ScannerInput] { inputs.withLock { $0 } }

    func deliver(_ input: ScannerInput) { inputs.withLock { $0.append(input) } }

    /// The onsets of the events.
    var onsets: [Int] {
        all.compactMap { if case .event(let event) = $0 { Int(event.event.onset) } else { nil } }
    }

    var volumes: [IncomingVolume] {
        all.compactMap { if case .volume(let volume) = $0 { volume } else { nil } }
    }

    var faults: [SourceFault] {
        all.compactMap { if case .fault(let fault) = $0 { fault } else { nil } }
    }

    func faults(_ code: SourceFault.Code) -> [SourceFault] { faults.filter { $0.code == code } }
}

/// Runs a source that listens to a publisher while the body runs.
func listening(
    to publisher: StreamPublisher,
    resumingAt position: StreamPosition? = nil,
    security: SecuritySettings = SecuritySettings(),
    deadline: Double = 10,
    largestMessage: Int = 4 << 20,
    _ body: (PerceptSource, Inbox) async throws -> Void
) async throws {
    var settings = listeningSettings(publisher)
    settings.repairDeadline = deadline
    settings.largestMessage = largestMessage
    let source = PerceptSource(settings, security: security)
    let inbox = Inbox()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await source.run(resumingAt: position) { inbox.deliver($0) } }
        try await body(source, inbox)
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// A publisher at free ports.
func makePublisher(
    security: SocketSecurity = .plain,
    _ change: (inout PublisherSettings) -> Void = { _ in }
) async throws -> StreamPublisher {
    var settings = PublisherSettings(publish: "tcp://127.0.0.1:*")
    settings.heartbeatInterval = .milliseconds(50)
    change(&settings)
    return try await StreamPublisher(settings, security: security)
}

/// Settings that listen to a publisher.
func listeningSettings(_ publisher: StreamPublisher) -> PerceptInputSettings {
    var settings = PerceptInputSettings()
    settings.subscribe = publisher.address
    settings.resend = publisher.resendAddress
    return settings
}
