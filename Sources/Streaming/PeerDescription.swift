import Foundation

/// What the first bytes of a peer say about it.
public struct PeerDescription: Sendable, Equatable {
    /// What it sends, in words.
    public let words: String
    /// The kind of input in the settings that takes it in; nil if there is none.
    public let input: String?
    /// What to do.
    public let advice: String
    /// The first bytes, in hexadecimal and as text.
    public let bytes: String

    /// Reads the first bytes that a peer sent after it had connected.
    public init(_ received: [UInt8]) {
        bytes = Self.shown(received.prefix(32))
        (words, input, advice) = Self.zeroMQ(received) ?? Self.afni(received) ?? Self.other(received)
    }

    private typealias Finding = (String, String?, String)

    private static func shown(_ bytes: some Sequence<UInt8>) -> String {
        let hexadecimal = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        let text = bytes.map { (0x20..<0x7F).contains($0) ? String(UnicodeScalar($0)) : "." }.joined()
        return hexadecimal.isEmpty ? "nothing" : "\(hexadecimal)  |\(text)|"
    }

    /// The greeting of ZMTP 3 (RFC 23): a signature, the version, the mechanism; then a command with the socket's type.
    private static func zeroMQ(_ bytes: [UInt8]) -> Finding? {
        guard bytes.count >= 10, bytes[0] == 0xFF, bytes[9] == 0x7F else { return nil }
        let version = bytes.count > 11 ? " \(bytes[10]).\(bytes[11])" : ""
        let mechanism = bytes.count >= 32 ? String(decoding: bytes[12..<32].prefix { $0 != 0 }, as: UTF8.self) : ""
        let type = socketType(bytes)
        let words = "ZeroMQ\(version)" + (mechanism.isEmpty ? "" : ", \(mechanism)") + (type.map { ", \($0)" } ?? "")
        if mechanism == "CURVE" {
            return (
                words, nil, "it uses CURVE keys, which Pyneal does not; volumes of ours are connected to, not bound"
            )
        }
        switch type {
        case "PAIR": return (words, "pyneal", "it speaks as Pyneal-Scanner does")
        case "SUB", "XSUB": return (words, nil, "it wants to read: have it connect to output.publish")
        case "PUB", "XPUB":
            return (words, "percept", "have it bind its address instead, and name that in input.subscribe")
        case nil: return (words, "pyneal", "if it is Pyneal-Scanner, it fits; it did not say the type of its socket")
        default: return (words, nil, "Pyneal-Scanner would use a socket of type PAIR")
        }
    }

    private static func socketType(_ bytes: [UInt8]) -> String? {
        let name = Array("Socket-Type".utf8)
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: name) }) else { return nil }
        let length = start + name.count
        guard bytes.count >= length + 4, bytes[length..<length + 3].allSatisfy({ $0 == 0 }) else { return nil }
        let value = bytes[(length + 4)...].prefix(Int(bytes[length + 3]))
        return String(decoding: value, as: UTF8.self)
    }

    private static func afni(_ bytes: [UInt8]) -> Finding? {
        let text = String(decoding: bytes.prefix(4096).prefix { $0 != 0 }, as: UTF8.self)
        if text.hasPrefix("tcp:") || text.hasPrefix("shm:") {
            let words = "the first words of an AFNI sender, `\(text.prefix(60))`"
            guard text.hasPrefix("tcp:") else { return (words, "afni", "give the sender a host, so that it uses TCP") }
            let port = text.split(whereSeparator: \.isNewline).first?.split(separator: ":").last ?? "?"
            return (words, "afni", "this is the control port; its images will come to port \(port)")
        }
        let commands = ["ACQUISITION_TYPE", "XYFOV", "XYMATRIX", "XYZAXES", "ZNUM", "DATUM", "NUMVOL", "TR ", "NAME "]
        let isMetadata = text.split(whereSeparator: \.isNewline).contains { line in
            commands.contains { line.hasPrefix($0) }
        }
        return isMetadata ? ("metadata of an AFNI sender", "afni", "this is the port for its images") : nil
    }

    private static func other(_ bytes: [UInt8]) -> Finding {
        let starts: [(String, [UInt8], String)] = [
            ("HTTP", Array("GET ".utf8), "it is a web client; no scanner sends volumes so"),
            ("HTTP", Array("POST ".utf8), "it is a web client; no scanner sends volumes so"),
            ("TLS", [0x16, 0x03], "nothing here speaks TLS; ZeroMQ is encrypted with CURVE keys"),
            ("SSH", Array("SSH-".utf8), "it is a login, not a scanner"),
            ("a DICOM association", [0x01, 0x00], "have it store files, and watch their folder (input kind folder)"),
            (
                "Siemens' vSend, as MURFI takes it", Array("ERTI".utf8),
                "have the scanner write DICOM files (input kind folder)"
            ),
        ]
        if bytes.isEmpty { return ("nothing", nil, "it may wait for an answer; look at what it is set up to send") }
        for (words, start, advice) in starts where bytes.starts(with: start) { return (words, nil, advice) }
        return ("something unknown", nil, "compare the bytes with what the sender is said to speak")
    }
}
