import Foundation
import Settings
import Streaming
import Terminal

/// The daemon that is watched: its address, the keys for it, and what its settings say.
struct WatchTarget: Sendable {
    var settings: WatchSettings
    var security = SocketSecurity.plain

    var address: String { settings.address }

    /// What is given wins over the daemon's settings, those over the defaults.
    init(subscribe: String?, config: String?, key: String?, publisher: String?) throws {
        settings = WatchSettings(address: subscribe ?? OutputSettings().publish)
        if let config {
            let daemon: DaemonSettings
            do {
                daemon = try DaemonSettings(contentsOf: config)
            } catch {
                throw CommandFailure(error.code == .unreadable ? .noInput : .configuration, error.description)
            }
            settings.address = subscribe ?? Self.reachable(daemon.output.publish)
            settings.plannedVolumes = daemon.session.plannedVolumes
            settings.repetitionTime = daemon.session.repetitionTime
            settings.patience = max(settings.patience, daemon.output.statusInterval * 3)
            if daemon.security.key != nil { security = try Self.security(daemon.security, hasKey: key != nil, config) }
        }
        if key != nil || publisher != nil {
            var given = SecuritySettings()
            (given.key, given.publisher) = (key, publisher)
            let own = try SocketSecurity(given)
            security.keys = own.keys ?? security.keys
            security.publisher = own.publisher ?? security.publisher
        }
    }

    /// The address at which a socket that is bound to every interface can be had on this machine.
    static func reachable(_ address: String) -> String {
        for (all, here) in [("*", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("[::]", "[::1]")] {
            let start = "tcp://\(all):"
            if address.hasPrefix(start) { return "tcp://\(here):\(address.dropFirst(start.count))" }
        }
        return address
    }

    /// The daemon's public key is that of its pair; the viewer may use the same pair if it is on the daemon's list.
    private static func security(
        _ settings: SecuritySettings,
        hasKey: Bool,
        _ config: String
    ) throws -> SocketSecurity {
        let daemon = try SocketSecurity(settings)
        guard let keys = daemon.keys else { return .plain }
        guard hasKey || daemon.allowed.contains(keys.publicKey) else {
            throw CommandFailure(
                .configuration,
                "\(config): the daemon asks viewers for a key; give --key with one that security.allowed names"
            )
        }
        return SocketSecurity(keys: keys, publisher: keys.publicKey)
    }
}
