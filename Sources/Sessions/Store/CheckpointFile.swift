import Digests
import Foundation

/// A kept state of processing in a file of its own, complete or not there at all.
public enum CheckpointFile {
    /// Writes a state: to another name, to the disk, then to its own name; afterwards a crash does not lose it.
    ///
    /// - Returns: The SHA-256 of the state, for the log.
    /// - Throws: `unwritable` or `diskFull`; then nothing is left under either name that was not there before.
    @discardableResult
    public static func write(_ state: [UInt8], to url: URL) throws(SessionError) -> String {
        try DurableFile.write(state, to: url.path)
        return SHA256.hexDigest(of: state)
    }

    /// Reads a state.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - sha256: What the log says that its digest is.
    ///   - limit: The most bytes that are read.
    /// - Throws: `missing`, `unreadable`, or `damaged` if it is not what was written.
    public static func read(_ url: URL, sha256: String, limit: Int = 1 << 31) throws(SessionError) -> [UInt8] {
        let state = try DurableFile.read(url.path, limit: limit)
        guard SHA256.hexDigest(of: state) == sha256 else {
            throw SessionError(.damaged, url.path, "the kept state is not what was written; an earlier one is used")
        }
        return state
    }
}
