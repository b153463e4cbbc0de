import CZeroMQ
import Foundation

/// A CURVE key pair (Curve25519), whose keys are written in Z85: 40 characters each (ZeroMQ RFC 26 and 32).
public struct CurveKeyPair: Sendable, Equatable {
    /// What peers may know.
    public let publicKey: String
    /// What nobody else may know.
    let secret: String

    /// Makes a new pair from the system's random numbers.
    public init() throws(StreamingError) {
        var (publicKey, secret) = ([CChar](repeating: 0, count: 41), [CChar](repeating: 0, count: 41))
        guard zmq_curve_keypair(&publicKey, &secret) == 0 else {
            throw StreamingError(.key, "key pair", "cannot be made: \(zeroMQMessage())")
        }
        self.publicKey = Self.text(publicKey)
        self.secret = Self.text(secret)
    }

    /// Reads a pair from a file of its own, as ``write(to:replacing:)`` writes it.
    ///
    /// Throws `key` if the file is damaged, `unreadable` if it is not there, `insecure` if others than its owner can
    /// read or change it.
    public init(contentsOf path: String) throws(StreamingError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            throw StreamingError(.unreadable, path, "cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= 4096 else {
            throw StreamingError(.key, path, "is not a file with a key pair")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StreamingError(.insecure, path, "can be read by others than its owner; run chmod 600 on it")
        }
        var bytes = [UInt8](repeating: 0, count: 4097)
        let count = read(descriptor, &bytes, bytes.count)
        var values: [String: String] = [:]
        for line in String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: " ", maxSplits: 1)
            if fields.count == 2, !line.hasPrefix("#") {
                values[String(fields[0])] = fields[1].trimmingCharacters(in: .whitespaces)
            }
        }
        guard let secret = values["secret"], Self.isKey(secret), let publicKey = Self.publicKey(of: secret) else {
            throw StreamingError(.key, path, "has no line with a secret key; make the file with percept keygen")
        }
        guard values["public"] == publicKey else {
            throw StreamingError(.key, path, "has a public key that is not the secret key's; make the file again")
        }
        (self.publicKey, self.secret) = (publicKey, secret)
    }

    /// Writes the pair to a new file that only its owner can read.
    ///
    /// Throws `unwritable` if it cannot be written, or is there already and not to be replaced.
    public func write(to path: String, replacing: Bool = false) throws(StreamingError) {
        // The file appears whole and with its permissions, also in place of another.
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StreamingError(.unwritable, path, "cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { unlink(temporary) }
        let text = "# A CURVE key pair of Percept. Keep the secret secret.\npublic \(publicKey)\nsecret \(secret)\n"
        let isWritten = Array(text.utf8).withUnsafeBytes {
            Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count
        }
        let isSynced = fsync(descriptor) == 0
        guard close(descriptor) == 0, isWritten, isSynced else {
            throw StreamingError(.unwritable, path, "cannot be written: \(String(cString: strerror(errno)))")
        }
        // A link fails where there is a file already; a rename replaces it.
        guard (replacing ? rename(temporary, path) : link(temporary, path)) == 0 else {
            let reason = errno == EEXIST ? "is there already; --force replaces it" : String(cString: strerror(errno))
            throw StreamingError(.unwritable, path, reason)
        }
    }

    /// Whether a text is a key in Z85.
    public static func isKey(_ text: String) -> Bool { bytes(of: text) != nil }

    /// A key's 32 bytes in Z85.
    static func text(ofKey bytes: [UInt8]) -> String? {
        guard bytes.count == 32 else { return nil }
        var text = [CChar](repeating: 0, count: 41)
        guard zmq_z85_encode(&text, bytes, 32) != nil else { return nil }
        return self.text(text)
    }

    private static func bytes(of text: String) -> [UInt8]? {
        // The decoder looks characters up in a table without asking whether they are in it.
        guard text.utf8.count == 40, text.utf8.allSatisfy({ alphabet.contains($0) }) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        guard zmq_z85_decode(&bytes, text) != nil else { return nil }
        return bytes
    }

    private static let alphabet = Set(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8
    )

    private static func publicKey(of secret: String) -> String? {
        var text = [CChar](repeating: 0, count: 41)
        guard zmq_curve_public(&text, secret) == 0 else { return nil }
        return self.text(text)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
