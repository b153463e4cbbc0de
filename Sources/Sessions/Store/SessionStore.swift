import Digests
import Foundation

/// Where sessions are kept: the folder that the daemon owns.
///
/// It holds `sessions.sqlite`, `recordings/SESSION/RUN-001.h5` and `checkpoints/SESSION/RUN-ARRIVAL.state`.
public struct SessionStore: Sendable {
    /// The folder.
    public let folder: URL

    /// Names a folder; nothing is made or read.
    public init(folder: URL) { self.folder = folder.standardizedFileURL }

    /// The log's file.
    public var logPath: String { folder.appendingPathComponent("sessions.sqlite").path }

    /// The folder of a session's recordings.
    public func recordings(ofSession session: String) -> URL {
        folder.appendingPathComponent("recordings").appendingPathComponent(Self.fileName(session))
    }

    /// The folder of a session's checkpoints.
    public func checkpoints(ofSession session: String) -> URL {
        folder.appendingPathComponent("checkpoints").appendingPathComponent(Self.fileName(session))
    }

    /// A file of a session's recordings, by the name that the log has for it.
    public func recording(_ name: String, ofSession session: String) -> URL {
        recordings(ofSession: session).appendingPathComponent(name)
    }

    /// A session's checkpoint, by the name that the log has for it.
    public func checkpoint(_ name: String, ofSession session: String) -> URL {
        checkpoints(ofSession: session).appendingPathComponent(name)
    }

    /// Opens the log for writing, after making the folder if need be.
    public func openLog() throws(SessionError) -> SessionLog {
        try Self.make(folder)
        return try SessionLog(path: logPath)
    }

    /// Opens the log for reading while a daemon may be writing it.
    public func readLog() throws(SessionError) -> SessionLog { try SessionLog.reading(path: logPath) }

    /// A file for the next part of a run's recording, which is not there yet; its folder is made.
    public func nextRecording(session: String, run: String) throws(SessionError) -> URL {
        let folder = recordings(ofSession: session)
        try Self.make(folder)
        for number in 1...9999 {
            let url = folder.appendingPathComponent("\(Self.fileName(run))-\(Self.padded(number, 3)).h5")
            if !FileManager.default.fileExists(atPath: url.path) { return url }
        }
        throw SessionError(.unwritable, folder.path, "run \(run) has 9999 recordings already; use another name")
    }

    /// The files of a run's recording, in the order in which they were written.
    public func recordings(session: String, run: String) -> [URL] {
        let folder = recordings(ofSession: session)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let prefix = Self.fileName(run) + "-"
        return names.filter { name in
            guard name.hasPrefix(prefix), name.hasSuffix(".h5") else { return false }
            let number = name.dropFirst(prefix.count).dropLast(3)
            return number.count >= 3 && number.allSatisfy(\.isWholeNumber)
        }.sorted { ($0.count, $0) < ($1.count, $1) }.map { folder.appendingPathComponent($0) }
    }

    /// A file for a checkpoint; its folder is made.
    public func newCheckpoint(session: String, run: String, volume: Int) throws(SessionError) -> URL {
        let folder = checkpoints(ofSession: session)
        try Self.make(folder)
        return folder.appendingPathComponent("\(Self.fileName(run))-\(Self.padded(volume, 6)).state")
    }

    /// The free space in bytes, for those who are not root.
    public func freeSpace() throws(SessionError) -> Int {
        var status = statvfs()
        guard statvfs(folder.path, &status) == 0 else { throw SessionError(errno: errno, folder.path, writing: false) }
        return Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).0)
    }

    /// The bytes that a session's recordings take.
    public func recordedBytes(ofSession session: String) -> Int {
        let folder = recordings(ofSession: session)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.reduce(0) { sum, name in
            let path = folder.appendingPathComponent(name).path
            let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
            return sum + (size ?? 0)
        }
    }

    /// A name that any file system takes: letters, digits, `.`, `_` and `-` stay, all else becomes `%` and its bytes.
    ///
    /// Different names stay different; long ones end in a digest.
    public static func fileName(_ name: String) -> String {
        var result = ""
        for (place, byte) in name.utf8.enumerated() {
            let isPlain =
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                case UInt8(ascii: "."): place > 0
                default: false
                }
            result += isPlain ? String(UnicodeScalar(byte)) : "%" + Self.hexadecimal(byte)
        }
        if result.isEmpty { return "%" }
        guard result.utf8.count > 120 else { return result }
        return String(result.prefix(80)) + "%%" + String(SHA256.hexDigest(of: name.utf8).prefix(32))
    }

    static func make(_ folder: URL) throws(SessionError) {
        do {
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw SessionError(.unwritable, folder.path, "the folder cannot be made: \(error.localizedDescription)")
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return text.count == 1 ? "0" + text : text
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
