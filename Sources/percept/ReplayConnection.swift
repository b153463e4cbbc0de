import Foundation
import Neuroimaging
import Settings
import Streaming
import Synchronization

/// Opens the connection that a replay is sent over.
struct ReplayConnection {
    private let command: ReplayCommand

    init(_ command: ReplayCommand) { self.command = command }

    func sender() async throws -> any ReplaySender {
        switch command.transport {
        case .percept: try await PerceptReplaySender(publisher())
        case .pyneal:
            try PynealReplaySender(address: command.address ?? "tcp://127.0.0.1:5555", timeout: command.timeout)
        case .afni: AFNIReplaySender(try target())
        case .folder: FolderReplaySender(folder: URL(fileURLWithPath: command.address ?? ""))
        }
    }

    private func publisher() async throws -> StreamPublisher {
        let address = command.address ?? PerceptInputSettings().subscribe
        var settings = SecuritySettings()
        (settings.key, settings.allowed) = (command.key, command.allow)
        return try await StreamPublisher.opened(
            PublisherSettings(publish: address, resend: command.resend),
            name: "replay",
            security: try SocketSecurity(settings),
            patience: command.waitForSubscriber ? command.timeout : nil
        )
    }

    /// A host and two ports, or fewer.
    private func target() throws -> AFNISender.Target {
        var target = AFNISender.Target(timeout: command.timeout)
        guard let address = command.address else { return target }
        let parts = address.split(separator: ":").map(String.init)
        let ports = parts.dropFirst().map { Int($0) ?? 0 }
        guard let host = parts.first, ports.count <= 2, ports.allSatisfy({ (1...65_535).contains($0) }) else {
            throw CommandFailure(.usage, "\(address): is no HOST:CONTROLPORT:DATAPORT, such as 127.0.0.1:7961:7960")
        }
        target.host = host
        if let port = ports.first { (target.controlPort, target.dataPort) = (port, port - 1) }
        if ports.count > 1 { target.dataPort = ports[1] }
        return target
    }
}

/// What happens during a replay, for a person.
final class ReplayNotices: Sendable {
    private let showsProgress: Bool
    private let line = Mutex<ProgressLine?>(nil)

    init(showsProgress: Bool) { self.showsProgress = showsProgress }

    func show(_ notice: Replay.Notice) {
        switch notice {
        case .progress(let done, let total):
            guard showsProgress else { return }
            let line = line.withLock { line in
                line = line ?? ProgressLine("replay", unit: "volumes", total: total)
                return line
            }
            line?.update(done)
        case .warning(let text): StandardError.write("percept: \(text)\n")
        case .injected(let injection):
            let length = injection.seconds.map { String(format: " for %.3f s", $0) } ?? ""
            StandardError.write("percept: fault \(injection.fault.rawValue) at volume \(injection.volume)\(length)\n")
        }
    }
}

extension ReplaySummary {
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var text: String {
        var text = "\(session)/\(run): \(volumes) volumes, \(sent) sent, \(events) events"
        text += String(format: ", %.2f s, at most %.1f ms late", seconds, 1000 * latest)
        let faults = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return faults.isEmpty ? text : text + "; faults: " + faults.joined(separator: ", ")
    }
}
