import Foundation
import Settings
import Streaming

/// Whether ports are free and keys are in order.
enum DoctorNetwork {
    static func keys(_ settings: DaemonSettings) -> [DoctorFinding] {
        let security = settings.security
        guard let path = security.key else { return [.ok("keys", "none; only this machine can connect")] }
        var findings: [DoctorFinding] = []
        do {
            let pair = try CurveKeyPair(contentsOf: path)
            findings.append(.ok("keys", "\(path), public \(pair.publicKey)"))
        } catch {
            findings.append(.failed("keys", "\(error)", "`percept keygen` makes a pair"))
        }
        let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
        if let mode, mode & 0o077 != 0 {
            findings.append(.warning("keys", "others can read \(path)", "chmod 400 \(path)"))
        }
        let files = (security.allowed + [security.publisher].compactMap { $0 }).filter { !PublicKeyText.isKey($0) }
        for file in files where access(file, R_OK) != 0 {
            findings.append(.failed("keys", "\(file) cannot be read", "put public keys there, or into the settings"))
        }
        return findings
    }

    static func addresses(_ settings: DaemonSettings) -> [DoctorFinding] {
        var listeners = settings.listeners.compactMap { listener in
            listener.address.port.map { (key: listener.key, host: listener.address.host, port: $0) }
        }
        var findings: [DoctorFinding] = []
        switch settings.input {
        case .afni(let afni):
            listeners.append(("input.controlPort", afni.host, afni.controlPort))
            listeners.append(("input.dataPort", afni.host, afni.dataPort))
        case .percept(let percept):
            if let address = SocketAddress(percept.subscribe), let port = address.port {
                findings.append(publisher(address.host, port, percept.subscribe))
            }
        case .folder(let folder): findings.append(readable(folder.path))
        case .pyneal: break
        }
        return findings + listeners.map { isFree($0.key, $0.host, $0.port) }
    }

    /// A host as sockets name it: without the brackets of an address.
    static func bare(_ host: String) -> String {
        host == "*" ? "0.0.0.0" : host.trimmingCharacters(in: ["[", "]"])
    }

    private static func isFree(_ key: String, _ host: String, _ port: Int) -> DoctorFinding {
        do {
            _ = try PeerSniffer(host: bare(host), port: port)
            return .ok(key, "port \(port) of \(host) is free")
        } catch {
            return .failed(key, "\(error)", "stop the other program (ss -ltnp shows it), or choose another port")
        }
    }

    private static func publisher(_ host: String, _ port: Int, _ address: String) -> DoctorFinding {
        guard let connection = try? DoctorConnection(host: bare(host), port: port, timeout: 2) else {
            let remedy = "start it before the scan; if it runs, look at its address and at firewalls"
            return .warning("input.subscribe", "nobody publishes at \(address) now", remedy)
        }
        connection.close()
        return .ok("input.subscribe", "\(address) can be reached")
    }

    private static func readable(_ path: String) -> DoctorFinding {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            return .failed("input.path", "\(path) is no folder", "make it, or mount the share")
        }
        guard access(path, R_OK | X_OK) == 0 else {
            return .failed("input.path", "\(path) cannot be read", "give the daemon's user the right to read it")
        }
        return .ok("input.path", "\(path) can be read")
    }
}
