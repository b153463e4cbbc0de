import CLinux
import Foundation

/// Notices files because the kernel says so (`inotify(7)`).
///
/// Every folder below has a watch of its own. What is in a folder that appears is listed after its watch is in place,
/// so that nothing is missed in between.
struct InotifyWatch: FolderWatch {
    let tellsWhenFinished = true
    private let root: String
    private let wake: WakeSignal
    private let descriptor: InotifyDescriptor
    private var folders: [Int32: String] = [:]
    private var movedFrom: (cookie: UInt32, path: String)?
    private var complaint: String?
    private var isRootLost = false

    private static let events = UInt32(
        IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF
            | IN_ONLYDIR
    )

    /// Throws ``StreamingError`` with `system` where the system allows no more users of inotify.
    init(root: String, wake: WakeSignal) throws(StreamingError) {
        (self.root, self.wake) = (root, wake)
        descriptor = try InotifyDescriptor(root)
    }

    mutating func start() throws(StreamingError) -> [FolderListing.Entry] {
        let entries = try list(root)
        guard folders.values.contains(root) else {
            throw StreamingError(.system, root, complaint ?? "the folder cannot be watched")
        }
        return entries
    }

    mutating func wait(until deadline: ContinuousClock.Instant?) -> [FolderChange] {
        let patience = complaint != nil ? 0 : deadline?.millisecondsFromNow ?? 3_600_000
        let isReady = wake.wait(for: descriptor.number, milliseconds: patience)
        var changes: [FolderChange] = []
        if isReady { descriptor.read { event in handle(event, &changes) } }
        // The other half of a move follows at once, if it is in the folder.
        if let (_, path) = movedFrom {
            movedFrom = nil
            changes.append(.gone(path))
        }
        if isRootLost, let entries = try? list(root) {
            isRootLost = false
            changes += [.available(nil)] + entries.map { .finished($0.path) }
        }
        if let complaint {
            self.complaint = nil
            changes.append(.available(complaint))
        }
        return changes
    }

    private mutating func handle(_ event: InotifyDescriptor.Event, _ changes: inout [FolderChange]) {
        let has = { (flag: Int32) in event.mask & UInt32(flag) != 0 }
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
            changes.append(.missed)
            return
        }
        guard let folder = folders[event.watch] else { return }
        if has(IN_IGNORED) || has(IN_DELETE_SELF) || has(IN_MOVE_SELF) {
            // A folder that moved within the root has been listed under its new name.
            if has(IN_IGNORED) { folders[event.watch] = nil }
            if folder == root, !isRootLost {
                isRootLost = true
                for watch in folders.keys { inotify_rm_watch(descriptor.number, watch) }
                changes.append(.available("the folder has been removed or renamed; waiting for it to come back"))
            }
            return
        }
        let path = folder + "/" + event.name
        if let (cookie, old) = movedFrom, !(has(IN_MOVED_TO) && cookie == event.cookie) {
            movedFrom = nil
            changes.append(.gone(old))
        }
        if event.mask & UInt32(IN_ISDIR) != 0 {
            if has(IN_MOVED_FROM) { forget(path) }
            if has(IN_CREATE) || has(IN_MOVED_TO) {
                changes += ((try? list(path)) ?? []).map { .finished($0.path) }
            }
        } else if has(IN_MOVED_FROM) {
            movedFrom = (event.cookie, path)
        } else if has(IN_MOVED_TO) {
            if let (_, old) = movedFrom { changes.append(.renamed(old, to: path)) }
            movedFrom = nil
            changes.append(.finished(path))
        } else if has(IN_DELETE) {
            changes.append(.gone(path))
        } else {
            changes.append(has(IN_CLOSE_WRITE) ? .finished(path) : .appeared(path))
        }
    }

    /// Watches a folder and those within it, and gives their files.
    private mutating func list(_ folder: String) throws(StreamingError) -> [FolderListing.Entry] {
        var added: [(Int32, String)] = []
        var failure: String?
        let visit = { (path: String) in
            // A link to the root itself is the user's choice.
            let flags = Self.events | UInt32(path == root ? 0 : IN_DONT_FOLLOW)
            let watch = inotify_add_watch(descriptor.number, path, flags)
            if watch >= 0 {
                added.append((watch, path))
            } else if errno != ENOENT, errno != ENOTDIR {
                let reason =
                    errno == ENOSPC
                    ? "no watches are left: raise fs.inotify.max_user_watches, or set watch: poll"
                    : String(cString: strerror(errno))
                failure = "\(path) cannot be watched: \(reason); it is listed now and then instead"
            }
        }
        let entries = try FolderListing.entries(of: folder, visiting: visit)
        for (watch, path) in added { folders[watch] = path }
        if let failure { complaint = failure }
        return entries
    }

    /// Drops the watches of a folder that left and of those within it.
    private mutating func forget(_ folder: String) {
        for (watch, path) in folders where path == folder || path.hasPrefix(folder + "/") {
            inotify_rm_watch(descriptor.number, watch)
            folders[watch] = nil
        }
    }
}

/// The queue of an inotify user.
final class InotifyDescriptor {
    /// One entry of it.
    struct Event {
        var watch: Int32
        var mask: UInt32
        var cookie: UInt32
        var name: String
    }

    let number: Int32

    init(_ subject: String) throws(StreamingError) {
        number = inotify_init1(Int32(O_NONBLOCK | O_CLOEXEC))
        guard number >= 0 else {
            throw StreamingError(
                .system,
                subject,
                "inotify cannot be used (\(String(cString: strerror(errno)))): set watch: poll, or raise "
                    + "fs.inotify.max_user_instances"
            )
        }
    }

    deinit { close(number) }

    /// Takes out what is there.
    func read(_ body: (Event) -> Void) {
        // A watch, a mask, a cookie and a length of 32 bits each, then the name, padded with zeros.
        let size = 64 << 10
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { buffer in
            while true {
                let count = Glibc.read(number, buffer.baseAddress, size)
                guard count > 0 else { return }
                var offset = 0
                while offset + 16 <= count {
                    let length = Int(buffer.load(fromByteOffset: offset + 12, as: UInt32.self))
                    guard offset + 16 + length <= count else { return }
                    let name = buffer[offset + 16..<offset + 16 + length].prefix { $0 != 0 }
                    body(
                        Event(
                            watch: buffer.load(fromByteOffset: offset, as: Int32.self),
                            mask: buffer.load(fromByteOffset: offset + 4, as: UInt32.self),
                            cookie: buffer.load(fromByteOffset: offset + 8, as: UInt32.self),
                            name: String(decoding: name, as: UTF8.self)
                        )
                    )
                    offset += 16 + length
                }
            }
        }
    }
}
