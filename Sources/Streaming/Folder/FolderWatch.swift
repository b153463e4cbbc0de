/// Something that happened in a watched folder.
enum FolderChange: Equatable {
    /// There is a new file, which may still be being written.
    case appeared(String)
    /// A file was closed by whoever wrote it, or was moved into place.
    case finished(String)
    /// A file has another name now.
    case renamed(String, to: String)
    /// A file is no longer there.
    case gone(String)
    /// Changes were lost: the folder has to be listed.
    case missed
    /// The folder itself can no longer be watched, or can be again; the text says why not.
    case available(String?)
}

/// A way to notice files.
protocol FolderWatch {
    /// Whether a file is said to be whole when it is.
    var tellsWhenFinished: Bool { get }

    /// Starts to watch and gives what is there already.
    ///
    /// - Throws: ``StreamingError`` where the folder cannot be watched.
    mutating func start() throws(StreamingError) -> [FolderListing.Entry]

    /// Waits for changes, at most up to some moment, or until it is woken.
    mutating func wait(until deadline: ContinuousClock.Instant?) -> [FolderChange]
}

extension ContinuousClock.Instant {
    /// How many ms there are up to this moment, for `poll(2)`; rounded up, at most an hour.
    var millisecondsFromNow: Int32 {
        let left = self - .now
        guard left > .zero else { return 0 }
        let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
        return Int32(clamping: min(milliseconds, 3_600_000))
    }
}
