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
