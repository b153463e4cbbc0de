import Foundation
import Parity
import SharedMaterial
import Testing

@Suite("Comparison with the reference")
struct ParityReportTests {
    private static let groups: [any ParityGroup.Type] = [
        HCPParity.self, GODParity.self, BOLD5000Parity.self, TransformParity.self, ImagePreprocessingParity.self,
        MetricParity.self,
    ]

    @Test("Data sets, transforms and metrics equal the reference", .enabled(if: SharedMaterial.isPresent))
    func golden() throws {
        var lines: [String] = []
        let folder = try FixtureFolder(SharedMaterial.url("fixtures"))
        let report = ParityReport.run(Self.groups, in: folder) { lines.append($0) }
        for check in report.checks where !check.passed { Issue.record("\(ParityReport.line(check))") }
        #expect(report.passed)
        #expect(report.skipped.isEmpty)
        #expect(report.unread.isEmpty)
        #expect(lines.last == "\(report.checks.count) passed, 0 failed")
    }

    @Test("A folder that does not exist, and a manifest that is not JSON, give typed errors")
    func invalidFolders() throws {
        #expect { try FixtureFolder(URL(fileURLWithPath: "/nonexistent")) } throws: { error in
            (error as? ParityError)?.code == .notFound
        }
        let folder = try TemporaryFolder()
        #expect { try FixtureFolder(folder.url) } throws: { ($0 as? ParityError)?.code == .notFound }
        try folder.write("manifest.json", "{\"groups\": ")
        #expect { try FixtureFolder(folder.url) } throws: { ($0 as? ParityError)?.code == .invalidManifest }
    }

    @Test("Groups that a folder does not have are skipped; files that its manifest promises are missed")
    func absentGroups() throws {
        let folder = try TemporaryFolder()
        try folder.write("manifest.json", "{\"groups\": {\"metrics/metrics.npz\": {}}, \"config\": {}}")
        let report = ParityReport.run(Self.groups, in: try FixtureFolder(folder.url))
        #expect(report.skipped.suffix(2) == ["TransformParity", "ImagePreprocessingParity"])
        #expect(report.checks.map(\.name) == ["MetricParity"])
        #expect(!report.passed && report.failedCount == 1)
    }

    @Test("A damaged file fails its group and no other", .enabled(if: SharedMaterial.isPresent))
    func damagedFile() throws {
        let folder = try TemporaryFolder()
        try folder.write("manifest.json", "{}")
        let source = try SharedMaterial.url("fixtures/data/transforms.npz")
        try folder.write("data/transforms.npz", Data(contentsOf: source))
        try folder.write("metrics/metrics.npz", Data(contentsOf: source).prefix(3000))
        let report = ParityReport.run(Self.groups, in: try FixtureFolder(folder.url))
        #expect(report.checks.filter { !$0.passed }.map(\.name) == ["MetricParity"])
        #expect(report.passedCount > 3)
    }

    @Test("An empty folder does not pass")
    func nothingToCheck() throws {
        let folder = try TemporaryFolder()
        try folder.write("manifest.json", "{}")
        #expect(!ParityReport.run(Self.groups, in: try FixtureFolder(folder.url)).passed)
    }

    @Test("The weights of the autoencoder are a file, or a file, key and prefix")
    func vqWeights() throws {
        let folder = try TemporaryFolder()
        try folder.write("manifest.json", "{\"vq_weights\": \"vq/vq.pth\"}")
        #expect(try FixtureFolder(folder.url).vqWeights == .init(file: "vq/vq.pth", key: nil, prefix: ""))
        try folder.write("manifest.json", "{\"vq_weights\": {\"file\": \"a.pth\", \"key\": \"m\", \"prefix\": \"f.\"}}")
        #expect(try FixtureFolder(folder.url).vqWeights == .init(file: "a.pth", key: "m", prefix: "f."))
    }

    @Test("Required entries of the configuration are missed by their path")
    func configuration() throws {
        let folder = try TemporaryFolder()
        try folder.write("manifest.json", "{\"config\": {\"mae\": {\"depth\": 2, \"ratio\": 0.5, \"on\": true}}}")
        let mae = try FixtureFolder(folder.url).config.section("mae")
        #expect(try mae.int("depth") == 2 && mae.double("depth") == 2 && mae.double("ratio") == 0.5)
        #expect(try mae.bool("on"))
        #expect { try mae.int("width") } throws: { ($0 as? ParityError)?.subject == "config.mae.width" }
        #expect(throws: ParityError.self) { try mae.string("depth") }
    }
}

/// A folder that disappears with its owner.
final class TemporaryFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("parity-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ path: String, _ data: Data) throws {
        let file = url.appendingPathComponent(path)
        let parent = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try data.write(to: file)
    }

    func write(_ path: String, _ text: String) throws {
        try write(path, Data(text.utf8))
    }
}
