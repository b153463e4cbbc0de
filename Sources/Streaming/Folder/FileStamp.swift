import CLinux
import Foundation

/// What tells one state of a file from another: where it is stored, how long it is, when it was changed.
struct FileStamp: Hashable, Sendable {
    /// What a directory entry is.
    enum Kind: Sendable {
        case file, folder, link, other
    }

    let kind: Kind
    let inode: UInt64
    let size: Int
    /// In ns.
    let changedAt: Int64

    /// Looks at a file without following a link; nil where there is none.
    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        inode = UInt64(status.st_ino)
        size = Int(status.st_size)
        changedAt = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    }
}

/// The states of files that need not be read again, in a few bytes each.
struct KnownFiles {
    private var marks: Set<UInt64> = []

    /// Whether this state of a file was read, under this name or another.
    ///
    /// A name and an inode each do: network shares may give a file a new inode, and a rename gives it a new name.
    func contains(_ path: String, _ stamp: FileStamp) -> Bool {
        marks.contains(Self.mark(path, stamp)) || marks.contains(Self.mark(stamp.inode, stamp))
    }

    mutating func insert(_ path: String, _ stamp: FileStamp) {
        marks.insert(Self.mark(path, stamp))
        marks.insert(Self.mark(stamp.inode, stamp))
    }

    private static func mark(_ identity: some Hashable, _ stamp: FileStamp) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(identity)
        hasher.combine(stamp.size)
        hasher.combine(stamp.changedAt)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
