import CLinux
import Foundation
import Neuroimaging
import Settings

/// Notices, reads and sorts the files of a folder, on one thread.
struct FolderLoop {
    typealias Instant = ContinuousClock.Instant

    private let settings: FolderInputSettings
    private let root: String
    private let wake: WakeSignal
    private var watch: any FolderWatch
    private var pending: PendingFiles
    private var known = KnownFiles()
    private var consumer: FolderConsumer
    /// Files of other kinds that were reported.
    private var reported: Set<String> = []
    private var nextListing: Instant
    /// How often the folder is listed in case the kernel did not tell of a file.
    private var relisting = Self.slowRelisting

    private static let slowRelisting = Duration.seconds(10)

    init(
        settings: FolderInputSettings,
        root: String,
        watch: any FolderWatch,
        wake: WakeSignal,
        consumer: FolderConsumer
    ) {
        (self.settings, self.root, self.watch, self.wake, self.consumer) = (settings, root, watch, wake, consumer)
        let settleTime = Duration.seconds(settings.settleTime)
        pending = PendingFiles(
            // The state of a file at two listings.
            quiet: watch.tellsWhenFinished ? settleTime : .seconds(settings.pollInterval * 0.9),
            settleTime: settleTime
        )
        nextListing = .now + relisting
    }

    /// Runs until it is woken.
    ///
    /// - Parameters:
    ///   - position: Where the stream was left.
    ///   - whenWatching: Is called once nothing that comes is missed.
    /// - Throws: ``StreamingError`` where the folder cannot be watched.
    mutating func run(resumingAt position: StreamPosition?, whenWatching: () -> Void) throws(StreamingError) {
        let entries = try watch.start().filter { isWanted($0.path) }
        whenWatching()
        if settings.takesExisting || position != nil {
            takeBacklog(entries, resuming: position?.publisher)
        } else {
            for entry in entries { known.insert(entry.path, entry.stamp) }
        }
        while !wake.isSignalled {
            let deadlines = [pending.nextDeadline, consumer.deadline, nextListing].compactMap { $0 }
            let changes = watch.wait(until: deadlines.min())
            let now = Instant.now
            for change in changes { note(change, at: now) }
            if watch.tellsWhenFinished, now >= nextListing {
                nextListing = now + relisting
                relist(isFinished: false, at: now)
            }
            for path in pending.due(at: now) where !wake.isSignalled { look(path, at: now) }
            for path in pending.lost(at: now) {
                consumer.fault(.lost, path, "was removed before it could be read")
            }
            consumer.expire(at: .now)
        }
    }

    private func isWanted(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        // Names that programs give to files that they still write.
        if name.hasPrefix(".") || [".partial", ".part", ".tmp", ".temp"].contains(where: name.hasSuffix) {
            return false
        }
        guard let pattern = settings.pattern else { return true }
        return fnmatch(pattern, name, 0) == 0
    }

    private mutating func takeBacklog(_ entries: [FolderListing.Entry], resuming key: String?) {
        var backlog = FolderBacklog()
        for entry in entries where !wake.isSignalled { backlog.add(entry, below: root) }
        // Runs that came before have their names, also if they are left out.
        for image in backlog.series { consumer.name(image) }
        let paths = backlog.paths(resuming: key)
        let taken = Set(paths)
        for entry in entries where !taken.contains(entry.path) { known.insert(entry.path, entry.stamp) }
        consumer.isPaced = true
        for path in paths where !wake.isSignalled {
            let now = Instant.now
            pending.note(path, isFinished: true, at: now)
            look(path, at: now)
        }
        consumer.isPaced = false
    }

    private mutating func note(_ change: FolderChange, at now: Instant) {
        switch change {
        case .appeared(let path):
            if isWanted(path) { pending.note(path, isFinished: false, at: now) }
        case .finished(let path):
            if isWanted(path) { pending.note(path, isFinished: true, at: now) }
        case .renamed(let old, let new):
            pending.rename(old, to: new, at: now)
            if !isWanted(new) { pending.remove(new) }
        case .gone(let path): pending.vanish(path, at: now)
        case .missed: relist(isFinished: true, at: now)
        case .available(let complaint):
            // What the kernel does not watch is listed instead.
            relisting = complaint == nil ? Self.slowRelisting : .seconds(max(0.25, settings.pollInterval))
            nextListing = min(nextListing, now + relisting)
            if let complaint {
                consumer.fault(.unavailable, root, complaint)
            } else {
                consumer.fault(.connected, root, "the folder can be watched again")
            }
        }
    }

    private mutating func relist(isFinished: Bool, at now: Instant) {
        guard let entries = try? FolderListing.entries(of: root) else { return }
        for entry in entries where isWanted(entry.path) && !known.contains(entry.path, entry.stamp) {
            pending.note(entry.path, isFinished: isFinished, at: now)
        }
    }

    /// Looks at a file that may have become whole.
    private mutating func look(_ path: String, at now: Instant) {
        guard let stamp = FileStamp(path) else { return pending.vanish(path, at: now) }
        guard stamp.kind != .folder, !known.contains(path, stamp) else { return pending.remove(path) }
        switch pending.decide(path, stamp, at: now) {
        case .wait: return
        case .giveUp(let problem): giveUp(path, stamp, problem)
        case .read:
            do throws(FolderFile.Problem) {
                let (file, stamp) = try FolderFile.read(path, limit: settings.largestFile)
                let arrival = Arrival(instant: now, time: Date().timeIntervalSince1970)
                try consumer.take(file, path: path, arrival: arrival)
                known.insert(path, stamp)
                pending.remove(path)
            } catch {
                if error == .gone { return pending.vanish(path, at: now) }
                if case .giveUp(let problem) = pending.note(error, of: path, at: now) { giveUp(path, stamp, problem) }
            }
        }
    }

    private mutating func giveUp(_ path: String, _ stamp: FileStamp, _ problem: FolderFile.Problem) {
        pending.remove(path)
        known.insert(path, stamp)
        let settle = settings.settleTime
        switch problem {
        case .incomplete(let text):
            consumer.fault(.truncated, path, "\(text); it did not change for \(settle) s. It is read if it grows yet")
        case .foreign(let text):
            // A log that is written on and on is one fault.
            if reported.insert(path).inserted { consumer.fault(.foreign, path, text) }
        case .duplicate(let text): consumer.fault(.duplicate, path, text)
        case .late(let text): consumer.fault(.lost, path, text)
        case .malformed(let text): consumer.fault(.malformed, path, text)
        case .tooLarge(let text): consumer.fault(.tooLarge, path, text)
        case .gone: consumer.fault(.lost, path, "was removed before it could be read")
        case .unreadable(let text): consumer.fault(.unavailable, path, "cannot be read: \(text)")
        }
    }
}
