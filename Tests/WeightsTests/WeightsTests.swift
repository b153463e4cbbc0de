import Foundation
import Testing

@testable import Weights

@Suite("Reading the recorded files", .enabled(if: Shared.isPresent, "the shared fixtures are absent"))
struct GoldenFileTests {
    @Test("every array of every npz file can be read")
    func npz() throws {
        for path in Shared.files(below: "fixtures", suffix: ".npz") {
            let npz = try NPZ(path: path)
            #expect(!npz.names.isEmpty)
            for name in npz.names { #expect(try npz.array(name).doubles().count >= 0) }
        }
    }

    @Test("every checkpoint yields its weights")
    func checkpoints() throws {
        for suffix in [".pth", ".ckpt", ".bin"] {
            for path in Shared.files(below: "fixtures", suffix: suffix) {
                let state = try TorchCheckpoint(path: path).stateDictionary()
                #expect(state.parameterCount > 0, "\(path)")
                for name in state.names {
                    #expect(state[name]?.floats().allSatisfy { $0.isFinite } == true, "\(path) \(name)")
                }
            }
        }
    }

    @Test("the legacy file holds the same weights as the zip file")
    func legacy() throws {
        let legacy = try TorchCheckpoint(path: Shared.path("fixtures/vq/vq_legacy.pth"))
        #expect(legacy.format == "legacy")
        let (old, new) = (
            try legacy.stateDictionary(),
            try TorchCheckpoint(path: Shared.path("fixtures/vq/vq.pth")).stateDictionary()
        )
        #expect(!old.isEmpty)
        for name in old.names { #expect(old[name]?.floats() == new[name]?.floats(), "\(name)") }
    }
}

/// Material beside the repository, which a user's machine lacks.
enum Shared {
    static let root: String? = {
        if let path = ProcessInfo.processInfo.environment["PERCEPT_SHARED"] { return path }
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<6 {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("shared").path
            if FileManager.default.fileExists(atPath: candidate + "/fixtures/manifest.json") { return candidate }
        }
        return nil
    }()

    static var isPresent: Bool { root != nil }
    static func path(_ relative: String) -> String { (root ?? "") + "/" + relative }

    static func files(below folder: String, suffix: String) -> [String] {
        let base = path(folder)
        let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(suffix) }.sorted().map { base + "/" + $0 }
    }
}
