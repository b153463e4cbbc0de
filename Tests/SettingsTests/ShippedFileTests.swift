import Foundation
import Testing

@testable import Settings

/// The file that is shipped, `Config/perceptd.yaml`.
enum ShippedFile {
    static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Config/perceptd.yaml").path

    static func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// The commented sections `input` of the other kinds, without the comment signs.
    static func otherInputs() throws -> [String] {
        var inputs: [String] = []
        var isInside = false
        for line in try text().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# input:") {
                inputs.append("")
                isInside = true
            }
            if !line.hasPrefix("#") { isInside = false }
            if isInside { inputs[inputs.count - 1] += line.dropFirst(2) + "\n" }
        }
        return inputs
    }
}

@Suite("The settings file that is shipped")
struct ShippedFileTests {
    @Test("holds the defaults")
    func defaults() throws {
        var expected = DaemonSettings()
        expected.bundle = "/var/lib/percept/decoder.percept"
        let settings = try DaemonSettings(contentsOf: ShippedFile.path)
        #expect(settings == expected)
        #expect(settings.canonicalText == expected.canonicalText)
    }

    @Test("may be without a bundle where nothing is decoded")
    func withoutBundle() throws {
        let text = "preprocessing: run1\ndecoding: {enabled: false}\n"
        let settings = try DaemonSettings(yaml: text, file: "/etc/percept/perceptd.yaml")
        #expect(settings.bundle == nil && settings.preprocessing == "/etc/percept/run1")
    }

    @Test("shows every other kind of input with its defaults")
    func inputs() throws {
        let inputs = try ShippedFile.otherInputs().map {
            try DaemonSettings(yaml: "bundle: /a\n" + $0, file: "/test.yaml").input
        }
        var folder = FolderInputSettings()
        folder.path = "/srv/scanner"
        #expect(inputs == [.pyneal(PynealInputSettings()), .afni(AFNIInputSettings()), .folder(folder)])
    }

    @Test("names every setting, of every kind of input")
    func complete() throws {
        let sections = try [ShippedFile.text()] + ShippedFile.otherInputs().map { "bundle: /a\n" + $0 }
        for (index, text) in sections.enumerated() {
            let settings = try DaemonSettings(yaml: text, file: "/test.yaml")
            for line in settings.canonicalText.split(separator: "\n") {
                let path = line.prefix { $0 != ":" }
                guard index == 0 || path.hasPrefix("input.") else { continue }
                let key = path.split(separator: ".").last ?? ""
                #expect(text.contains("\(key): "), "\(path)")
            }
        }
    }

    @Test("says of each setting whether it can be reloaded")
    func reloads() throws {
        let lines = try ShippedFile.text().split(separator: "\n").map(String.init)
        for (index, line) in lines.enumerated() where line.contains("[reload]") && index > 6 {
            let key = lines[index + 1].trimmingCharacters(in: .whitespaces).prefix { $0 != ":" }
            #expect(Changes.reloadable.contains { $0.hasSuffix(key) }, "\(key)")
        }
        let marked = lines.dropFirst(6).filter { $0.contains("[reload]") }.count
        #expect(marked == Changes.reloadable.count)
    }

    @Test("cut anywhere, or with any character changed, gives settings or problems")
    func mutations() throws {
        let bytes = Array(try ShippedFile.text().utf8)
        var state: UInt64 = 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let signs = Array("\n :-[]{}&*!|>'\"%@`#,?0\t\u{0}".utf8)
        // The comments are most of the file, so cuts and changes go to a dense form of it.
        let dense = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .filter { !$0.hasPrefix("  #") }.joined(separator: "\n")
        let source = Array(dense.utf8)
        for count in stride(from: 0, through: source.count, by: 5) { Self.read(source.prefix(count)) }
        for _ in 0..<400 {
            var changed = source
            for _ in 0...random(3) { changed[random(changed.count)] = signs[random(signs.count)] }
            Self.read(changed[...])
        }
    }

    private static func read(_ bytes: ArraySlice<UInt8>) {
        do throws(SettingsError) {
            _ = try DaemonSettings(yaml: String(decoding: bytes, as: UTF8.self), file: "/test.yaml")
        } catch {
            #expect(!error.problems.isEmpty)
            for problem in error.problems { #expect(problem.line >= 1 && problem.column >= 1) }
        }
    }
}
