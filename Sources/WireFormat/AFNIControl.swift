/// What a sender says first, on AFNI's control port: over which channel the images will come.
public struct AFNIControl: Sendable, Equatable {
    /// The longest text, in bytes.
    public static let longest = 1024

    /// The host that the sender takes us for.
    public let host: String
    /// The port that it will connect to.
    public let port: Int

    /// Names a channel.
    public init(host: String, port: Int) {
        (self.host, self.port) = (host, port)
    }

    /// Reads the text up to its zero byte.
    ///
    /// Throws `unsupported` for shared memory and for programs to run, `malformed` for anything else.
    public init(_ bytes: [UInt8]) throws(WireError) {
        let text = String(decoding: bytes.prefix(Self.longest).prefix { $0 != 0 }, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline)
        let fields = lines.first?.split(separator: ":") ?? []
        guard fields.first != "shm" else {
            let detail = "the sender wants shared memory; give it the address of this machine as host, for TCP"
            throw WireError(.unsupported, "AFNI control", detail)
        }
        guard fields.count == 3, fields[0] == "tcp", let port = Int(fields[2].filter { $0 != " " }),
            (1...65_535).contains(port)
        else {
            let shown = text.prefix(40).map { $0.isASCII && !$0.isNewline ? String($0) : "." }.joined()
            throw WireError(.malformed, "AFNI control", "begins with `\(shown)`, not with tcp:HOST:PORT")
        }
        guard lines.count == 1 else {
            let detail = "the sender asks to run a program for the metadata, which is not done; it has to send them"
            throw WireError(.unsupported, "AFNI control", detail)
        }
        self.init(host: String(fields[1]), port: port)
    }

    /// The text with its zero byte.
    public var encoded: [UInt8] { Array("tcp:\(host):\(port)".utf8) + [0] }
}
