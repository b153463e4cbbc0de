import CZeroMQ
import Neuroimaging

/// What became of a connection of a socket.
public enum ConnectionEvent: Sendable, Equatable {
    /// A peer is there, and both sides speak the same protocol with the right keys.
    case connected(String)
    /// A peer went away, or fell silent.
    case disconnected(String)
    /// A peer and this side could not agree; the second text says why.
    case refused(String, String)

    static let mask =
        ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
        | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL

    /// Reads what a monitor sends: a number of the event and one more, in the machine's byte order, then the address.
    init?(_ parts: [[UInt8]]) {
        guard parts.count == 2, parts[0].count == 6 else { return nil }
        let event = parts[0].withUnsafeBytes { Int32($0.loadUnaligned(as: UInt16.self)) }
        let value = parts[0].withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self) }
        let address = String(decoding: parts[1], as: UTF8.self)
        switch event {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: self = .connected(address)
        case ZMQ_EVENT_DISCONNECTED: self = .disconnected(address)
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: self = .refused(address, "the key is not allowed (\(value))")
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            self = .refused(address, "one side is encrypted and the other is not, or their keys differ (\(value))")
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            self = .refused(address, "the connection ended before both sides agreed; compare the keys")
        default: return nil
        }
    }

    /// The address of the peer, or of the socket that it came to.
    public var address: String {
        switch self {
        case .connected(let address), .disconnected(let address), .refused(let address, _): address
        }
    }

    /// What to tell the user.
    public var fault: SourceFault {
        switch self {
        case .connected(let address): SourceFault(.connected, address, "is there")
        case .disconnected(let address):
            SourceFault(.disconnected, address, "went away or fell silent; it is waited for")
        case .refused(let address, let why): SourceFault(.refused, address, why)
        }
    }
}
