import Foundation
import Settings
import Testing

@testable import Streaming

@Suite("Keys and who may connect")
struct SocketSecurityTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    private func file(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func code(_ body: () throws -> Void) -> StreamingError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StreamingError)?.code
        }
    }

    @Test("without keys a socket stays on loopback")
    func plain() throws {
        for address in [
            "tcp://127.0.0.1:5560", "tcp://127.0.0.2:*", "tcp://[::1]:1", "tcp://localhost:1", "ipc:///tmp/x",
        ] {
            #expect(try SocketSecurity.plain.role(binding: address) == nil)
        }
        for address in [
            "tcp://*:5560", "tcp://0.0.0.0:5560", "tcp://192.168.0.1:5560", "tcp://eth0:5560",
            "tcp://127.0.0.1.example.org:1",
            "tcp://127.0.0:1", "tcp://[::]:1", "tcp://127.0.0.1", "udp://127.0.0.1:1",
        ] {
            #expect(code { _ = try SocketSecurity.plain.role(binding: address) } == .insecure, "\(address)")
        }
    }

    @Test("keys without anybody who is allowed are refused, on loopback too")
    func allowList() throws {
        let keys = try CurveKeyPair()
        #expect(code { _ = try SocketSecurity(keys: keys).role(binding: "tcp://127.0.0.1:1") } == .insecure)
        let security = SocketSecurity(keys: keys, allowed: [try CurveKeyPair().publicKey])
        #expect(try security.role(binding: "tcp://*:1") != nil)
    }

    @Test("a key pair is written for its owner only, and read again")
    func keyFile() throws {
        let keys = try CurveKeyPair()
        let path = file("daemon.key")
        try keys.write(to: path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try CurveKeyPair(contentsOf: path) == keys)
        #expect(code { try keys.write(to: path) } == .unwritable)
        let other = try CurveKeyPair()
        try other.write(to: path, replacing: true)
        #expect(try CurveKeyPair(contentsOf: path) == other)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["daemon.key"])
    }

    @Test("a key file that others can read is refused", arguments: [0o640, 0o604, 0o660, 0o700 | 0o001])
    func openFile(mode: Int) throws {
        let path = file("open.key")
        try CurveKeyPair().write(to: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        #expect(code { _ = try CurveKeyPair(contentsOf: path) } == .insecure)
    }

    @Test("a damaged key file is refused")
    func damagedFile() throws {
        let keys = try CurveKeyPair()
        let texts = [
            "", "secret", "secret short", "public \(keys.publicKey)", "secret \(keys.secret)",
            "public \(try CurveKeyPair().publicKey)\nsecret \(keys.secret)", String(repeating: "\u{0}", count: 5000),
            "public \(keys.publicKey)\nsecret \(String(repeating: "\u{7f}", count: 40))",
        ]
        for text in texts {
            let path = file(UUID().uuidString)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            #expect(code { _ = try CurveKeyPair(contentsOf: path) } == .key, "\(text)")
        }
        #expect(code { _ = try CurveKeyPair(contentsOf: file("missing")) } == .unreadable)
        #expect(code { _ = try CurveKeyPair(contentsOf: folder.path) } == .key)
    }

    @Test("allowed keys are given as they are, or in a file")
    func settings() throws {
        let (one, two, three) = (try CurveKeyPair(), try CurveKeyPair(), try CurveKeyPair())
        let list = file("allowed")
        try Data("# viewers\n\(two.publicKey) the viewer\n\n".utf8).write(to: URL(fileURLWithPath: list))
        try three.write(to: file("own.key"))
        var settings = SecuritySettings()
        settings.key = file("own.key")
        settings.allowed = [one.publicKey, list]
        settings.publisher = file("own.key")
        let security = try SocketSecurity(settings)
        #expect(security.allowed == [one.publicKey, two.publicKey])
        #expect(security.keys == three)
        #expect(security.publisher == three.publicKey)
        settings.allowed = ["nonsense"]
        #expect(code { _ = try SocketSecurity(settings) } == .key)
    }
}
