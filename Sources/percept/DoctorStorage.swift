import Foundation
import Live
import Sessions
import Settings

/// Whether sessions can be kept: room, speed, and a log that is whole.
enum DoctorStorage {
    /// How much of the time between volumes storing one may take.
    private static let largestShare = 0.25
    private static let testBytes = 32 << 20

    static func examine(_ settings: DaemonSettings, model: ProcessingModel?) -> [DoctorFinding] {
        let folder = URL(fileURLWithPath: settings.state)
        guard access(settings.state, W_OK | X_OK) == 0 else {
            return [
                .failed("state", "\(settings.state) cannot be written", "make it, and give it to the daemon's user")
            ]
        }
        let store = SessionStore(folder: folder)
        let voxels = model?.mask.grid.count ?? 1_000_000
        let need = Need(
            bytes: voxels * 4,
            repetitionTime: settings.session.repetitionTime ?? 1,
            volumes: settings.session.plannedVolumes
        )
        return [room(store, settings, need), speed(folder, need), log(store)]
    }

    /// What a run asks of the disk.
    struct Need {
        /// Of a volume, as float32.
        let bytes: Int
        let repetitionTime: Double
        let volumes: Int
    }

    private static func room(_ store: SessionStore, _ settings: DaemonSettings, _ need: Need) -> DoctorFinding {
        do {
            let free = try store.freeSpace()
            let perRun = max(need.bytes * need.volumes, 1)
            let runs = max(free - settings.recording.freeSpace, 0) / perRun
            let detail =
                "\(DoctorMachine.megabytes(free)) free in \(settings.state), room for \(runs) runs of "
                + DoctorMachine.megabytes(perRun)
            guard settings.recording.volumes, runs < 10 else { return .ok("space", detail) }
            let remedy = "delete or move old sessions"
            return runs < 1 ? .failed("space", detail, remedy) : .warning("space", detail, remedy)
        } catch {
            return .failed("space", "\(error)", "look at the disk of \(settings.state)")
        }
    }

    private static func speed(_ folder: URL, _ need: Need) -> DoctorFinding {
        let file = folder.appendingPathComponent(".doctor-\(getpid())")
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            return .failed("disk", "cannot write to \(folder.path): \(String(cString: strerror(errno)))", "make room")
        }
        defer {
            close(descriptor)
            unlink(file.path)
        }
        let block = [UInt8](repeating: 0x5A, count: 1 << 20)
        let clock = ContinuousClock()
        var isWritten = true
        let whole = clock.measure {
            for _ in 0..<(testBytes / block.count) where write(descriptor, block, block.count) != block.count {
                isWritten = false
            }
            isWritten = fsync(descriptor) == 0 && isWritten
        }
        // The log commits small pages, each to be on the disk before it counts.
        let commits = (0..<15).map { _ in
            clock.measure { isWritten = write(descriptor, block, 4096) == 4096 && fsync(descriptor) == 0 && isWritten }
        }
        guard isWritten else {
            return .failed("disk", "cannot write \(testBytes >> 20) MiB to \(folder.path)", "make room")
        }
        let rate = Double(testBytes) / (whole / .seconds(1)) / 1e6
        let commit = commits.sorted()[commits.count / 2] / .milliseconds(1)
        let needed = Double(need.bytes) / need.repetitionTime / 1e6
        let detail = String(format: "%.0f MB/s, %.1f ms for a commit; a run needs %.1f MB/s", rate, commit, needed)
        if rate < needed / largestShare || commit > need.repetitionTime * 1000 * largestShare {
            return .warning("disk", detail, "keep `state` on a local SSD")
        }
        return .ok("disk", detail)
    }

    private static func log(_ store: SessionStore) -> DoctorFinding {
        guard FileManager.default.fileExists(atPath: store.logPath) else { return .ok("log", "no sessions yet") }
        do {
            let log = try store.readLog()
            let problems = try log.integrityProblems()
            guard let first = problems.first else {
                return .ok("log", "\(try log.sessions().count) sessions in \(store.logPath), which is whole")
            }
            let detail = "\(store.logPath) is damaged: \(first)"
            return .failed("log", detail, "move it away and keep it; the daemon begins a new one")
        } catch {
            return .failed("log", "\(error)", "move it away and keep it; the daemon begins a new one")
        }
    }
}
