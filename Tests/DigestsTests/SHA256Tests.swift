import Testing

@testable import Digests

@Suite("SHA-256")
struct SHA256Tests {
    /// The examples of FIPS 180-4 and of the NIST test vectors.
    static let known: [(message: String, digest: String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]

    @Test("gives the published digests, with the processor's instructions and without", arguments: [true, false])
    func knownAnswers(portable: Bool) {
        for (message, expected) in Self.known {
            var digest = SHA256(portable: portable)
            Array(message.utf8).withUnsafeBytes { digest.update($0) }
            #expect(digest.hexDigest() == expected)
        }
    }

    @Test("gives the digest of a million letters a")
    func longMessage() {
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(SHA256.hexDigest(of: [UInt8](repeating: 97, count: 1_000_000)) == expected)
    }

    @Test("does not depend on how the message is cut into pieces", arguments: [1, 55, 56, 63, 64, 65, 130])
    func pieces(size: Int) {
        let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var digest = SHA256()
        for start in stride(from: 0, to: message.count, by: size) {
            Array(message[start..<min(start + size, message.count)]).withUnsafeBytes { digest.update($0) }
        }
        var portable = SHA256(portable: true)
        message.withUnsafeBytes { portable.update($0) }
        let expected = portable.hexDigest()
        #expect(digest.hexDigest() == expected)
    }
}
