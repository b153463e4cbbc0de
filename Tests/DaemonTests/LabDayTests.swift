import Foundation
import Sessions
import SharedMaterial
import Testing

@Suite("A lab's two days without a scanner")
struct LabDayTests {
    /// The repository's folder, which the tests are built in.
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test(
        "are one command: record, train, decode another day live, verify, evaluate, export",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"),
        .timeLimit(.minutes(15))
    )
    func quickly() async throws {
        let images = try SharedMaterial.url("data/fashion-mnist/t10k-images-idx3-ubyte.gz")
        let perceptd = try #require(BuiltExecutable.named("perceptd"))
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("percept-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = Self.repository.appendingPathComponent("Tools/lab-day")
        process.arguments = [
            "-q", "-b", perceptd.deletingLastPathComponent().path, folder.appendingPathComponent("day").path,
            images.path,
        ]
        let output = folder.appendingPathComponent("output.txt")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data().write(to: output)
        let handle = try FileHandle(forWritingTo: output)
        (process.standardOutput, process.standardError) = (handle, handle)
        process.standardInput = FileHandle.nullDevice
        await withCheckedContinuation { continuation in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume() }
        }
        let text = try String(contentsOf: output, encoding: .utf8)
        try #require(process.terminationStatus == 0, "\(text)")

        // Six images were shown on the second day, and each was decoded while the run went on.
        let day = folder.appendingPathComponent("day")
        let log = try SessionStore(folder: day.appendingPathComponent("state")).readLog()
        let session = try #require(try log.session(named: "ses-02")?.id)
        let run = try #require(try log.runs(ofSession: session).first?.id)
        #expect(Set(try log.reconstructions(ofRun: run).map(\.trial)) == Set(0..<6))
        #expect(try log.volumes(ofRun: run).allSatisfy { $0.status == .processed })
        #expect(text.contains("6 images identical"))
        // The bundle has what the daemon needs, and the report is there.
        let bundle = day.appendingPathComponent("runs/fashion.percept")
        for name in ["bundle.json", "preprocessing.json", "mask.nii.gz", "reference.nii.gz", "statistics.npz"] {
            #expect(FileManager.default.fileExists(atPath: bundle.appendingPathComponent(name).path), "\(name)")
        }
        #expect(FileManager.default.fileExists(atPath: day.appendingPathComponent("report/report.html").path))
        #expect(
            FileManager.default.fileExists(atPath: day.appendingPathComponent("bids/dataset_description.json").path)
        )
    }
}
