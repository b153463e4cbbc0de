import Foundation
import Testing

@testable import Settings

@Suite("A hostile settings file")
struct HostileFileTests {
    private func problems(_ bytes: Data) throws -> SettingsError? {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        try bytes.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        do throws(SettingsError) {
            _ = try DaemonSettings(contentsOf: file.path)
            return nil
        } catch {
            return error
        }
    }

    private func detail(_ text: String) throws -> String? { try problems(Data(text.utf8))?.problems.first?.detail }

    @Test("that is not there, a folder, or huge is unreadable")
    func unreadable() throws {
        for path in ["/nonexistent/p.yaml", "/", "/dev/zero"] {
            #expect {
                try DaemonSettings(contentsOf: path)
            } throws: { error in
                (error as? SettingsError)?.code == .unreadable && "\(error)".hasPrefix("\(path): ")
            }
        }
        let huge = try problems(Data(count: DaemonSettings.largestFile + 1))
        #expect(huge?.code == .unreadable)
    }

    @Test("that is no text is told so")
    func binary() throws {
        #expect(try problems(Data([0x62, 0xff, 0xfe]))?.problems.first?.detail == "is no UTF-8 text; save it as such")
        #expect(try detail("bundle: a\u{0}b")?.hasPrefix("is no YAML") == true)
    }

    @Test("that nests a million deep is refused before it is parsed")
    func nesting() throws {
        let deep = 500_000
        #expect(try detail(String(repeating: "[", count: deep))?.contains("too many lists") == true)
        #expect(try detail(String(repeating: "{a: ", count: deep / 4))?.contains("too many lists") == true)
        #expect(try detail(String(repeating: "- ", count: deep))?.contains("nested too deeply") == true)
        #expect(try detail(String(repeating: "? ", count: deep))?.contains("nested too deeply") == true)
        let stairs = (0..<1000).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
        #expect(try detail(stairs)?.contains("nested too deeply") == true)
    }

    @Test("whose aliases multiply is refused")
    func aliases() throws {
        var text = "a0: &a0 [x, x]\n"
        for level in 1..<30 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        text += "? *a29\n: b\n"
        #expect(try detail(text) == "has too many & and * for settings")
        let few = "a: &a [x, x]\nb: &b [*a, *a, *a]\n? [*b, *b, *b]\n: c\n"
        let details = try #require(try problems(Data(few.utf8))).problems.map(\.detail)
        #expect(details.filter { $0.hasPrefix("anchors (&)") }.count == 2)
    }

    @Test("of many lines, or of one line of a megabyte, is read in a moment")
    func size() throws {
        #expect(try detail(String(repeating: "\n", count: 200_000))?.hasPrefix("is missing; add it") == true)
        let name = String(repeating: "a", count: 1_000_000)
        #expect(try detail("bundle: x\n" + name + ": 1\n") != nil)
        #expect(try detail("bundle: x\nstate: " + name) != nil)
    }
}

@Suite("The distance between two words")
struct EditDistanceTests {
    @Test(
        "counts insertions, deletions, replacements and swaps",
        arguments: [
            ("", "", 0), ("steps", "steps", 0), ("Steps", "stePs", 0), ("stesp", "steps", 1), ("step", "steps", 1),
            ("sitting", "kitten", 3), ("", "abc", 3), ("fewest_steps", "fewestSteps", 1),
        ]
    )
    func distances(first: String, second: String, distance: Int) {
        #expect(EditDistance.between(first, second) == distance)
        #expect(EditDistance.between(second, first) == distance)
    }
}

@Suite("An address")
struct SocketAddressTests {
    @Test("is taken apart and put together again")
    func parts() {
        #expect(SocketAddress("tcp://127.0.0.1:5570")?.next?.text == "tcp://127.0.0.1:5571")
        #expect(SocketAddress("tcp://[::1]:1")?.host == "[::1]")
        #expect(SocketAddress("tcp://*:*")?.port == nil)
        #expect(SocketAddress("tcp://a:65535")?.next == nil)
        for wrong in ["", "tcp://", "tcp://:1", "ipc:///a", "tcp://a b:1", "tcp://a:0", "tcp://a:01", "tcp://a:x"] {
            #expect(SocketAddress(wrong) == nil, "\(wrong)")
        }
    }

    @Test("is local or not")
    func loopback() {
        for host in ["127.0.0.1", "127.255.0.3", "localhost", "::1", "[::1]"] {
            #expect(SocketAddress.isLoopback(host))
        }
        for host in ["*", "0.0.0.0", "127.0.0.1.example.org", "128.0.0.1", "::", "eth0", "127.0.0.999"] {
            #expect(!SocketAddress.isLoopback(host))
        }
    }
}
