import CLinux
import Foundation
import Neuroimaging
import Settings
import Threading

/// The files that a scanner puts into a folder, DICOM or NIfTI, as they come.
///
/// **Noticing.** On local file systems the kernel tells of a file when its writer closes it or moves it into place; on
/// network shares the folder is listed again and again, and a file is read once two listings show it unchanged.
/// Folders that appear within the folder are watched too. Symbolic links are not followed, neither in nor out of the
/// folder; only the folder itself may be one. Names that start with a dot, and `.partial`, `.part`, `.tmp` and `.temp`
/// files, are left alone until they are renamed.
///
/// **Reading.** A file counts when it can be read whole. One that is cut short is read again when it has changed, and
/// reported as truncated once it has not changed for the settle time; if it grows later, it is read after all. Files of
/// other kinds are reported once. A file that is written again or copied is a duplicate if it holds the same image.
///
/// **Runs.** A DICOM series is a run if it is functional (``DICOMImage/role``) and of the kind that the settings choose:
/// as measured, or motion-corrected by the scanner. Files are sorted by what is in them, in whatever order they come; a
/// volume's number is its temporal position. Of several echoes the first counts. A NIfTI file of one volume is a volume
/// of the run whose name is the file's without its trailing number; numbers begin with 1, or with 0 if there is such a
/// file when the run begins; without a number, files count as they come. A NIfTI file of several volumes is a run.
/// A run begins with its first whole volume. It is over when another begins, or when no volume has come for the time
/// that the settings call silence; if it goes on after silence, it begins again under its name.
///
/// **Names.** A DICOM run is called `series-N` by its series number, a NIfTI run by the entities of its BIDS name or by
/// its name. If a name is taken, some digits made of the Series Instance UID or name are added, so that a run has the
/// same name after a restart. ``StreamPosition/publisher`` of a volume is what tells its run from others, and the
/// number of the message is the volume's.
public struct FolderSource: VolumeSource {
    private let settings: FolderInputSettings
    private let session: String
    private let defaults: SessionDefaults
    private let root: String
    /// Is called once nothing that comes is missed.
    var whenWatching: @Sendable () -> Void = {}

    /// Describes a folder to watch.
    ///
    /// - Parameters:
    ///   - settings: The folder, and what counts in it.
    ///   - session: The session that runs belong to.
    ///   - defaults: What a run is unless its files say it.
    public init(settings: FolderInputSettings, session: String, defaults: SessionDefaults = SessionDefaults()) {
        (self.settings, self.session, self.defaults) = (settings, session, defaults)
        var path = settings.path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        root = path
    }

    /// What logs call it.
    public var name: String { "folder \(root)" }

    /// Files wait to be read.
    public var isPatient: Bool { true }

    /// Hands on volumes until the task is cancelled.
    ///
    /// Files that are there at the start are taken only if the settings say so, or after a restart: those of the run in
    /// which the stream was left and of later ones are then delivered again, run by run in the order of acquisition.
    /// They come, like the volumes of a NIfTI file of several, at most ten in a second.
    /// - Throws: ``StreamingError`` where the folder cannot be watched.
    public func run(
        resumingAt position: StreamPosition?,
        deliver: @escaping @Sendable (ScannerInput) -> Void
    ) async throws {
        let wake = try WakeSignal()
        let thread = FolderThread()
        try await withTaskCancellationHandler {
            try await thread.run {
                let consumer = FolderConsumer(
                    settings: settings,
                    root: root,
                    session: session,
                    defaults: defaults,
                    wake: wake,
                    deliver: deliver
                )
                let watch = try FolderSource.watch(settings, root: root, wake: wake)
                var loop = FolderLoop(settings: settings, root: root, watch: watch, wake: wake, consumer: consumer)
                try loop.run(resumingAt: position, whenWatching: whenWatching)
            }
        } onCancel: {
            wake.signal()
        }
    }

    /// The way in which files are noticed.
    static func watch(_ settings: FolderInputSettings, root: String, wake: WakeSignal) throws(StreamingError)
        -> any FolderWatch
    {
        let polling = PollingWatch(root: root, interval: .seconds(max(0.01, settings.pollInterval)), wake: wake)
        switch settings.watch {
        case .poll: return polling
        case .inotify: return try InotifyWatch(root: root, wake: wake)
        case .automatic:
            if FileSystemKind.isShared(root) { return polling }
            // Systems with many watchers may have none left.
            return (try? InotifyWatch(root: root, wake: wake)) ?? polling
        }
    }
}

/// The thread of a folder, which waits for files.
private actor FolderThread {
    private let thread = ThreadExecutor(name: "folder")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    func run(_ body: @Sendable () throws -> Void) throws { try body() }
}
