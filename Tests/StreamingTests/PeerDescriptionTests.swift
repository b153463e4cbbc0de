import Testing
import WireFormat

@testable import Streaming

@Suite("What a peer sends")
struct PeerDescriptionTests {
    private static let greeting: [UInt8] =
        [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 1] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 48)

    private static func ready(_ type: String) -> [UInt8] {
        let body = [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, UInt8(type.utf8.count)]
        return greeting + [4, UInt8(body.count + type.utf8.count)] + body + Array(type.utf8)
    }

    static let peers: [([UInt8], String, String?)] = [
        (ready("PAIR"), "ZeroMQ 3.1, NULL, PAIR", "pyneal"), (ready("SUB"), "ZeroMQ 3.1, NULL, SUB", nil),
        (ready("PUB"), "ZeroMQ 3.1, NULL, PUB", "percept"), (Array(greeting.prefix(10)), "ZeroMQ", "pyneal"),
        (Array("tcp:host:7960\0".utf8), "the first words of an AFNI sender, `tcp:host:7960`", "afni"),
        (Array("shm:grv:50K\0".utf8), "the first words of an AFNI sender, `shm:grv:50K`", "afni"),
        (Array("NAME x\nXYMATRIX 64 64\0".utf8), "metadata of an AFNI sender", "afni"),
        (Array("GET / HTTP/1.1\r\n".utf8), "HTTP", nil), ([0x16, 3, 1, 2, 0], "TLS", nil),
        ([1, 0, 0, 0, 0, 0xCD, 0, 1], "a DICOM association", nil),
        (Array("ERTI\0".utf8), "Siemens' vSend, as MURFI takes it", nil),
        ([], "nothing", nil), ([9, 8, 7], "something unknown", nil),
    ]

    @Test("first bytes are put into words", arguments: peers)
    func words(_ bytes: [UInt8], _ words: String, _ input: String?) {
        let description = PeerDescription(bytes)
        #expect(description.words == words)
        #expect(description.input == input)
        #expect(!description.advice.isEmpty)
    }

    @Test("no beginning of any peer's bytes is trouble")
    func truncation() {
        for (bytes, _, _) in Self.peers {
            for length in 0...bytes.count { #expect(!PeerDescription(Array(bytes[..<length])).words.isEmpty) }
        }
    }

    @Test("bytes are shown in hexadecimal and as text")
    func bytes() {
        #expect(PeerDescription([0x41, 0x00, 0xFF]).bytes == "41 00 ff  |A..|")
    }

    @Test("a port is listened on in the daemon's place")
    func listening() async throws {
        let sniffer = try PeerSniffer(host: "127.0.0.1", port: 0)
        let socket = try TCPSocket.connect(host: "127.0.0.1", port: sniffer.port)
        _ = Readiness.wait([(socket.descriptor, true)], timeout: 600)
        let words = AFNIControl(host: "h", port: 7960).encoded
        #expect(socket.write(words[...]) == .bytes(words.count))
        socket.finishWriting()
        let found = try #require(try await sniffer.describePeer(timeout: 600))
        #expect(found.address == "127.0.0.1")
        #expect(found.description.input == "afni")
        #expect(try await sniffer.describePeer(timeout: 0.05) == nil)
    }
}
