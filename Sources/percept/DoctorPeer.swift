import Foundation
import Settings
import Streaming

/// What a peer really sends.
enum DoctorPeer {
    /// The greeting of ZMTP 3 (RFC 23) without keys, to which a ZeroMQ socket answers with its own.
    private static let greeting: [UInt8] =
        [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 48)

    static func listen(_ settings: DaemonSettings, for seconds: Double) async -> [DoctorFinding] {
        switch settings.input {
        case .percept(let percept): [publisher(percept, isSecure: settings.security.publisher != nil)]
        case .pyneal(let pyneal):
            if let address = SocketAddress(pyneal.bind), let port = address.port {
                [await sender("pyneal", address.host, port, seconds)]
            } else {
                []
            }
        case .afni(let afni): [await sender("afni", afni.host, afni.controlPort, seconds)]
        case .folder(let folder): [await files(folder.path, seconds)]
        }
    }

    /// What connects to the daemon's place.
    private static func sender(_ kind: String, _ host: String, _ port: Int, _ seconds: Double) async -> DoctorFinding {
        do {
            let sniffer = try PeerSniffer(host: DoctorNetwork.bare(host), port: port)
            guard let (address, peer) = try await sniffer.describePeer(timeout: seconds) else {
                let remedy = "start the sender, and look at the address that it connects to"
                return .warning("peer", "nobody came to port \(port) within \(seconds) s", remedy)
            }
            let detail = "\(address) sends \(peer.words) (\(peer.bytes))"
            if peer.input == kind { return .ok("peer", "\(detail); \(peer.advice)") }
            let remedy = peer.input.map { "set input.kind to \($0): \(peer.advice)" } ?? peer.advice
            return .failed("peer", detail, remedy)
        } catch {
            return .failed("peer", "\(error)", "stop the daemon while the doctor listens in its place")
        }
    }

    /// What our publisher says first.
    private static func publisher(_ percept: PerceptInputSettings, isSecure: Bool) -> DoctorFinding {
        guard let address = SocketAddress(percept.subscribe), let port = address.port,
            let connection = try? DoctorConnection(host: DoctorNetwork.bare(address.host), port: port, timeout: 2)
        else { return .warning("peer", "nobody publishes at \(percept.subscribe) now", "start the publisher") }
        defer { connection.close() }
        connection.write(greeting)
        let peer = PeerDescription(connection.read(for: 2))
        let detail = "\(percept.subscribe) is \(peer.words) (\(peer.bytes))"
        guard peer.words.hasPrefix("ZeroMQ") else {
            return .failed("peer", detail, "it is no publisher of ours; look at input.subscribe")
        }
        if peer.words.contains("CURVE") != isSecure {
            let remedy = isSecure ? "it uses no keys; give it some" : "it uses keys; set security.key and .publisher"
            return .failed("peer", detail, remedy)
        }
        return .ok("peer", detail)
    }

    /// What comes into a folder.
    private static func files(_ path: String, _ seconds: Double) async -> DoctorFinding {
        let before = names(path)
        try? await Task.sleep(for: .seconds(seconds))
        let new = names(path).subtracting(before).sorted()
        guard let last = new.last else {
            return .warning("peer", "no file came to \(path) within \(seconds) s", "look at the scanner's export")
        }
        return .ok("peer", "\(new.count) files came to \(path), the last \(last); `percept inspect` describes it")
    }

    private static func names(_ path: String) -> Set<String> {
        Set(FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? [])
    }
}
