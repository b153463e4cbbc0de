import Foundation
import Neuroimaging
import Threading

/// Writes a run into a folder, file by file as a scanner does.
///
/// Volumes that come from a scanner's files are these files; others become NIfTI files `RUN_00001.nii` and so on. A file
/// gets its name when it is whole.
public actor FolderReplaySender: ReplaySender {
    private let folder: URL
    private let thread = ThreadExecutor(name: "replay files")
    private var run = "run"
    private var copied: Set<String> = []

    /// The thread that writes.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Names a folder, which is made if need be.
    public init(folder: URL) { self.folder = folder }

    /// A file cannot be asked for again, and there is no connection.
    public nonisolated var possibleFaults: Set<ReplayFault.Kind> {
        [.drop, .duplicate, .reorder, .delay, .corrupt, .stall]
    }

    /// Files of volumes hold no events.
    public nonisolated var sendsEvents: Bool { false }

    /// Makes the folder.
    public func begin(_ run: RunDescription, like volume: StoredVolume) async throws {
        self.run = run.run
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw NeuroimagingError(.unwritable, folder.path, error.localizedDescription)
        }
    }

    /// Writes the files of a volume.
    public func send(_ volume: ReplayedVolume, _ delivery: ReplayDelivery) async throws {
        guard delivery.isTransmitted else { return }
        let ending = delivery == .again ? "-again" : ""
        guard !volume.files.isEmpty else {
            let digits = String(volume.number + 1)
            // A copy has another name with the same number.
            let width = delivery == .again ? 8 : 5
            let padded = String(repeating: "0", count: max(0, width - digits.count)) + digits
            let name = "\(run)_\(padded).nii"
            let hidden = folder.appendingPathComponent("." + name).path
            try NIfTIWriter.write(volume.volume.volume, to: hidden)
            if delivery == .corrupted { try shorten(hidden) }
            return try place(hidden, as: name)
        }
        for file in volume.files where delivery == .again || copied.insert(file).inserted {
            let name = URL(fileURLWithPath: file).lastPathComponent
            let hidden = folder.appendingPathComponent("." + name).path
            try? FileManager.default.removeItem(atPath: hidden)
            do {
                try FileManager.default.copyItem(atPath: file, toPath: hidden)
            } catch {
                throw NeuroimagingError(.unwritable, hidden, error.localizedDescription)
            }
            if delivery == .corrupted { try shorten(hidden) }
            let isTaken = FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
            try place(hidden, as: isTaken && ending.isEmpty ? "\(volume.number)-\(name)" : name + ending)
        }
    }

    /// Does nothing.
    public func send(_ event: StimulusEvent) async throws {}

    /// Does nothing.
    public func disconnect(seconds: Double) async throws {}

    /// Does nothing: a folder does not tell that a run is over.
    public func end(reason: String) async throws {}

    /// Does nothing.
    public func close() async {}

    private func place(_ hidden: String, as name: String) throws {
        let path = folder.appendingPathComponent(name).path
        guard rename(hidden, path) == 0 else {
            throw NeuroimagingError(.unwritable, path, String(cString: strerror(errno)))
        }
    }

    private func shorten(_ path: String) throws {
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int ?? 0
        guard truncate(path, size / 2) == 0 else {
            throw NeuroimagingError(.unwritable, path, String(cString: strerror(errno)))
        }
    }
}
