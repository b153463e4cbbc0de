import Foundation

/// Notices files by listing the folder again and again.
struct PollingWatch: FolderWatch {
    let tellsWhenFinished = false
    private let root: String
    private let interval: Duration
    private let wake: WakeSignal
    private var stamps: [String: FileStamp] = [:]
    /// The files that did not change since the last look at all of them.
    private var unchanged: [String: FileStamp] = [:]
    private var nextListing = ContinuousClock.now
    private var nextLook = ContinuousClock.now
    private var complaint: String?

    init(root: String, interval: Duration, wake: WakeSignal) {
        (self.root, self.interval, self.wake) = (root, interval, wake)
    }

    mutating func start() throws(StreamingError) -> [FolderListing.Entry] {
        let entries = try FolderListing.entries(of: root)
        for entry in entries { stamps[entry.path] = entry.stamp }
        nextListing = .now + interval
        nextLook = .now + .seconds(5)
        return entries
    }

    mutating func wait(until deadline: ContinuousClock.Instant?) -> [FolderChange] {
        let moment = min(deadline ?? nextListing, nextListing)
        _ = wake.wait(milliseconds: moment.millisecondsFromNow)
        guard ContinuousClock.now >= nextListing else { return [] }
        defer { nextListing = .now + interval }
        do {
            let changes = changes(try list())
            defer { complaint = nil }
            return complaint == nil ? changes : [.available(nil)] + changes
        } catch {
            defer { complaint = error.detail }
            return complaint == error.detail ? [] : [.available(error.detail)]
        }
    }

    /// Lists the folder; over a network it takes long to look at each of thousands of files that do not change any more.
    private mutating func list() throws(StreamingError) -> [FolderListing.Entry] {
        let settled = unchanged
        guard ContinuousClock.now < nextLook else {
            nextLook = .now + .seconds(5)
            let entries = try FolderListing.entries(of: root)
            unchanged = [:]
            for entry in entries where stamps[entry.path] == entry.stamp { unchanged[entry.path] = entry.stamp }
            return entries
        }
        return try FolderListing.entries(of: root, known: { settled[$0] })
    }

    private mutating func changes(_ entries: [FolderListing.Entry]) -> [FolderChange] {
        var changes: [FolderChange] = []
        var gone = stamps
        var present: [String: FileStamp] = [:]
        present.reserveCapacity(entries.count)
        var fresh: [FolderListing.Entry] = []
        for entry in entries {
            present[entry.path] = entry.stamp
            gone[entry.path] = nil
            if stamps[entry.path] != entry.stamp { fresh.append(entry) }
        }
        let moved = Dictionary(gone.map { ($0.value.inode, $0.key) }) { first, _ in first }
        var renamed: Set<String> = []
        for entry in fresh {
            if stamps[entry.path] == nil, let old = moved[entry.stamp.inode], renamed.insert(old).inserted {
                changes.append(.renamed(old, to: entry.path))
            }
            changes.append(.appeared(entry.path))
        }
        changes += gone.keys.filter { !renamed.contains($0) }.sorted().map { .gone($0) }
        stamps = present
        return changes
    }
}
