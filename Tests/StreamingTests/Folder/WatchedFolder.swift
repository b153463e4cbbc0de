import Foundation
import Neuroimaging
import Settings
import Synchronization
import Testing

@testable import Streaming

/// What a source delivered.
final class DeliveredInputs: Sendable {
    private let inputs = Mutex<[ScannerInput]>([])

    func append(_ input: ScannerInput) { inputs.withLock { $0.append(input) } }

    var all: [ScannerInput] { inputs.withLock { $0 } }

    var volumes: [IncomingVolume] {
        all.compactMap { if case .volume(let volume) = $0 { volume } else { nil } }
    }

    var faults: [SourceFault] {
        all.compactMap { if case .fault(let fault) = $0 { fault } else { nil } }
    }

    var starts: [RunDescription] {
        all.compactMap { if case .runStart(let run, _) = $0 { run } else { nil } }
    }

    /// Beginnings and ends of runs and numbers of volumes, in words.
    var story: [String] {
        all.compactMap { input in
            switch input {
            case .runStart(let run, _): "+\(run.run)"
            case .volume(let volume): "\(volume.index)"
            case .runEnd(_, let run, _): "-\(run)"
            default: nil
            }
        }
    }

    /// Waits until something is true, for as long as a busy machine may need.
    func wait(_ what: Comment, _ condition: (DeliveredInputs) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !condition(self) {
            guard ContinuousClock.now < deadline else {
                Issue.record("\(what) did not happen: \(story), \(faults)")
                throw CancellationError()
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// A folder of its own that a source watches while a test writes into it.
struct WatchedFolder {
    let url: URL
    let inputs = DeliveredInputs()

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Writes a file in one go, as a copy does.
    func write(_ bytes: [UInt8], as name: String) throws { try Data(bytes).write(to: url.appendingPathComponent(name)) }

    /// Appends to a file, or starts one, and closes it.
    func append(_ bytes: some Collection<UInt8>, to name: String) throws {
        if !FileManager.default.fileExists(atPath: path(name)) {
            _ = FileManager.default.createFile(atPath: path(name), contents: nil)
        }
        let file = try FileHandle(forWritingTo: url.appendingPathComponent(name))
        try file.seekToEnd()
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    /// Runs a test while the folder is watched.
    static func watching(
        _ watch: FolderInputSettings.Watch,
        resumingAt position: StreamPosition? = nil,
        change: (inout FolderInputSettings) -> Void = { _ in },
        before: (WatchedFolder) throws -> Void = { _ in },
        _ body: (WatchedFolder) async throws -> Void
    ) async throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("folder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        let folder = WatchedFolder(url: url)
        try before(folder)
        var settings = FolderInputSettings()
        (settings.path, settings.watch, settings.pollInterval, settings.settleTime) = (url.path, watch, 0.02, 0.3)
        change(&settings)
        var source = FolderSource(settings: settings, session: "s1")
        let (ready, signal) = AsyncStream<Void>.makeStream()
        source.whenWatching = { signal.finish() }
        let (inputs, started) = (folder.inputs, source)
        let task = Task { try await started.run(resumingAt: position) { inputs.append($0) } }
        for await _ in ready {}
        do { try await body(folder) } catch is CancellationError {}
        task.cancel()
        try await task.value
    }
}

/// Real DICOM files.
enum DICOMFiles {
    /// The files in some folder of the shared material, by name.
    static func bytes(in folder: URL) -> [[UInt8]] {
        let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects.compactMap { $0 as? String } ?? []
        return names.sorted().compactMap { name in
            let bytes = [UInt8]((try? Data(contentsOf: folder.appendingPathComponent(name))) ?? Data())
            guard bytes.count > 132, bytes[128..<132].elementsEqual("DICM".utf8) else { return nil }
            return bytes
        }
    }

    /// The same file with some text replaced by text of the same length, wherever it is.
    static func replacing(_ old: String, with new: String, in bytes: [UInt8]) -> [UInt8] {
        precondition(old.utf8.count == new.utf8.count)
        var data = Data(bytes)
        var start = data.startIndex
        while let range = data.range(of: Data(old.utf8), in: start..<data.endIndex) {
            data.replaceSubrange(range, with: Data(new.utf8))
            start = range.upperBound
        }
        return [UInt8](data)
    }

    /// The file as if it were of another series: another UID of series and image.
    static func otherSeries(_ bytes: [UInt8], digit: Character) throws -> [UInt8] {
        let image = try DICOMImage(bytes)
        var result = bytes
        for identifier in [image.seriesInstance, image.sopInstance] {
            let changed = String(identifier.dropLast()) + String(identifier.last == digit ? "0" : digit)
            result = replacing(identifier, with: changed, in: result)
        }
        return result
    }
}

/// An order that is the same in every run (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
