import Foundation

/// Files that were noticed and are not read yet, and when to look at each again.
///
/// It knows no clock and opens no file: moments and states of files are given to it.
struct PendingFiles {
    typealias Instant = ContinuousClock.Instant

    /// A file that waits.
    struct File {
        /// Its state when it was last looked at.
        var stamp: FileStamp?
        /// When that state was first seen.
        var changedAt: Instant
        /// Whether its writer has closed it.
        var isFinished: Bool
        /// When to look at it.
        var lookAt: Instant
        /// What was wrong with that state of it.
        var problem: FolderFile.Problem?
        fileprivate var order: Int
    }

    /// What to do with a file after a look at it.
    enum Decision: Equatable {
        /// Wait for it to become whole.
        case wait
        /// Read it.
        case read
        /// Give it up, for this reason.
        case giveUp(FolderFile.Problem)
    }

    /// How long a file whose writer does not say that it is done has to stay unchanged before it is read.
    let quiet: Duration
    /// How long a file that is not whole may stay unchanged before it is given up.
    let settleTime: Duration
    private var files: [String: File] = [:]
    private var vanished: [String: (file: File, until: Instant)] = [:]
    private var count = 0

    init(quiet: Duration, settleTime: Duration) {
        (self.quiet, self.settleTime) = (quiet, settleTime)
    }

    /// The next moment at which something is due.
    var nextDeadline: Instant? {
        let next = files.values.map(\.lookAt).min()
        guard let lost = vanished.values.map(\.until).min() else { return next }
        return next.map { min($0, lost) } ?? lost
    }

    /// Notes that a file is new or has changed.
    mutating func note(_ path: String, isFinished: Bool, at now: Instant) {
        vanished[path] = nil
        if var file = files[path] {
            file.isFinished = file.isFinished || isFinished
            file.lookAt = now
            // A writer that closes a file again has perhaps added to it.
            if isFinished { file.problem = nil }
            files[path] = file
            return
        }
        count += 1
        files[path] = File(
            changedAt: now,
            isFinished: isFinished,
            lookAt: isFinished ? now : now + quiet,
            order: count
        )
    }

    /// Notes that a file has another name.
    mutating func rename(_ old: String, to new: String, at now: Instant) {
        guard var file = files.removeValue(forKey: old) ?? vanished.removeValue(forKey: old)?.file else { return }
        file.lookAt = now
        files[new] = file
    }

    /// Notes that a file that waits is no longer there; it may yet turn up under another name.
    mutating func vanish(_ path: String, at now: Instant) {
        guard let file = files.removeValue(forKey: path) else { return }
        vanished[path] = (file, now + settleTime)
    }

    /// Forgets a file that was read, or is not wanted.
    mutating func remove(_ path: String) { files[path] = nil }

    /// The files to look at now, in the order in which they came.
    func due(at now: Instant) -> [String] {
        files.filter { $0.value.lookAt <= now }.sorted { $0.value.order < $1.value.order }.map(\.key)
    }

    /// The files that went away before they could be read, and did not turn up again.
    mutating func lost(at now: Instant) -> [String] {
        let paths = vanished.filter { $0.value.until <= now }.keys.sorted()
        for path in paths { vanished[path] = nil }
        return paths
    }

    /// Decides about a file whose state was looked at.
    mutating func decide(_ path: String, _ stamp: FileStamp, at now: Instant) -> Decision {
        guard var file = files[path] else { return .wait }
        defer { files[path] = file }
        if file.stamp != stamp {
            // The first look at a file does not tell when it was changed; it was noticed then.
            if file.stamp != nil { file.changedAt = now }
            file.stamp = stamp
            file.problem = nil
        }
        if let problem = file.problem {
            if now - file.changedAt >= settleTime { return .giveUp(problem) }
            file.lookAt = file.changedAt + settleTime
            return .wait
        }
        if file.isFinished || now - file.changedAt >= quiet { return .read }
        file.lookAt = file.changedAt + quiet
        return .wait
    }

    /// Notes what was wrong with a file, and decides whether that may still change.
    mutating func note(_ problem: FolderFile.Problem, of path: String, at now: Instant) -> Decision {
        guard var file = files[path] else { return .wait }
        let mayChange: Bool =
            switch problem {
            case .incomplete, .unreadable: true
            case .foreign, .malformed: !file.isFinished
            case .tooLarge, .gone, .duplicate, .late: false
            }
        guard mayChange, now - file.changedAt < settleTime else { return .giveUp(problem) }
        file.problem = problem
        file.lookAt = file.changedAt + settleTime
        files[path] = file
        return .wait
    }
}
