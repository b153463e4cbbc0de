import CHDF5
import CHDF5Shim
import Foundation
import HDF5
import Neuroimaging

/// Records the volumes of a run into a new HDF5 file, which is readable at any moment.
///
/// The file is written in HDF5's single-writer mode: other processes may read it meanwhile, and if this one is killed, it
/// holds every volume that was flushed. All calls block; one thread at a time may use a writer. After an error the writer
/// is done with: what was flushed stays readable, and the run goes on in another file.
public final class RecordingWriter {
    /// How a writer is made to fail; for tests.
    struct Failure {
        var failsAt = -1
        var errno: Int32 = EIO
        var diesAfter = -1
        var tears = false
    }

    /// The file.
    public let url: URL
    /// What it says of all its volumes.
    public let description: RecordingDescription
    /// The number of volumes that were appended.
    public private(set) var count = 0
    /// The number of volumes that a crash cannot lose.
    public private(set) var durableCount = 0
    private let state: UnsafeMutablePointer<percept_h5_file>
    private var file: HDF5File?
    private var failure: SessionError?

    /// Makes a file with no volumes in it.
    ///
    /// - Parameters:
    ///   - url: The file, which must not exist.
    ///   - description: What is the same for all volumes.
    ///   - compresses: Whether volumes are compressed (deflate 1 with shuffle): a third smaller and far slower.
    /// - Throws: `unwritable` or `diskFull`; `inconsistent` if the file exists.
    public convenience init(
        url: URL,
        description: RecordingDescription,
        compresses: Bool = false
    ) throws(SessionError) {
        try self.init(url: url, description: description, compresses: compresses, failure: Failure())
    }

    init(
        url: URL,
        description: RecordingDescription,
        compresses: Bool,
        failure: Failure
    ) throws(SessionError) {
        (self.url, self.description) = (url, description)
        try RecordingSkeleton.write(url, description, compresses: compresses)
        state = .allocate(capacity: 1)
        state.initialize(
            to: percept_h5_file(
                descriptor: -1,
                failure: 0,
                discards: 0,
                writes: 0,
                fails_at: Int64(failure.failsAt),
                fails_with: failure.errno,
                dies_after: Int64(failure.diesAfter),
                tears: failure.tears ? 1 : 0
            )
        )
        do throws(SessionError) {
            let state = state
            file = try HDF5Library.exclusively { () throws(SessionError) in try HDF5File(writing: url.path, state) }
        } catch {
            throw poison(error)
        }
    }

    deinit {
        try? close()
        // A library that could not let go of the file still points there.
        if isReleased { state.deallocate() }
    }

    /// Whether the library has let go of the file.
    var isReleased: Bool { state.pointee.descriptor < 0 }

    /// The writes so far, for tests.
    var writes: Int { Int(state.pointee.writes) }

    /// Whether a simulated death has come, for tests.
    var isDead: Bool { state.pointee.dies_after >= 0 && state.pointee.writes > state.pointee.dies_after }

    /// Appends a volume; it is safe only after ``flush()``.
    ///
    /// - Returns: Its place in the file, from 0.
    /// - Throws: `inconsistent` for a volume of another grid or type, which changes nothing; else `unwritable` or
    ///   `diskFull`, as do all calls from then on.
    public func append(_ volume: RecordedVolume) throws(SessionError) -> Int {
        let file = try open()
        guard description.fits(volume.volume) else {
            throw SessionError(
                .inconsistent,
                url.path,
                "volume \(volume.index) has another grid or type than the recording; begin a new one"
            )
        }
        let place = count
        do throws(SessionError) {
            try HDF5Library.exclusively { () throws(SessionError) in try file.append(volume, at: place) }
        } catch {
            throw poison(error)
        }
        count += 1
        return place
    }

    /// Brings everything to the disk: afterwards neither a crash of this process nor of the machine loses it.
    ///
    /// - Throws: `unwritable` or `diskFull`; from then on all calls throw.
    public func flush() throws(SessionError) {
        let file = try open()
        guard durableCount < count else { return }
        do throws(SessionError) {
            try HDF5Library.exclusively { () throws(SessionError) in try file.flush() }
            guard fdatasync(state.pointee.descriptor) == 0 else { throw SessionError(errno: errno, url.path) }
        } catch {
            throw poison(error)
        }
        durableCount = count
    }

    /// Brings everything to the disk and closes the file; does nothing if it is closed, or was given up, already.
    public func close() throws(SessionError) {
        guard failure == nil, file != nil else { return }
        try flush()
        do throws(SessionError) {
            let closing = file
            file = nil
            try HDF5Library.exclusively { () throws(SessionError) in try closing?.close() }
        } catch {
            throw poison(error)
        }
    }

    private func open() throws(SessionError) -> HDF5File {
        if let failure { throw failure }
        guard let file else { throw SessionError(.unwritable, url.path, "the recording is closed") }
        return file
    }

    /// Gives the file up: the library lets go of it without writing to it any more.
    private func poison(_ error: SessionError) -> SessionError {
        let code = state.pointee.failure
        let cause = code == 0 ? error : SessionError(errno: code, url.path)
        failure = cause
        state.pointee.discards = 1
        let closing = file
        file = nil
        try? HDF5Library.exclusively { () throws(SessionError) in try closing?.close() }
        return cause
    }
}
