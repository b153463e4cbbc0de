import CHDF5
import CHDF5Shim
import Foundation
import HDF5
import Neuroimaging

/// Reads a recording, also one that is still being written or whose writer was killed.
///
/// Volumes at the end that were not written whole are left out. All calls block; one thread at a time may use a reader.
public final class RecordingReader {
    /// The file.
    public let url: URL
    /// What it says of all its volumes.
    public let description: RecordingDescription
    /// The number of volumes that were there, whole, when the file was opened.
    public let count: Int
    private let file: HDF5Recording

    /// Opens a recording.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - largestVolume: The most bytes of one volume.
    /// - Throws: `missing`, `unreadable`, or `damaged` if it is no recording.
    public init(url: URL, largestVolume: Int = 1 << 30) throws(SessionError) {
        self.url = url
        let size = try RecordingFrame.check(url.path)
        file = try HDF5Library.exclusively { () throws(SessionError) in
            try HDF5Recording(reading: url.path, size: size, largestVolume: largestVolume)
        }
        description = file.description
        var count = file.places
        // Only what was being written when the writer was killed may be unsound, and that was the last.
        while count > 0, (try? file.volume(count - 1)) == nil { count -= 1 }
        self.count = count
    }

    /// The numbers of the volumes in the run, by place.
    public var indices: [Int] { file.indices.prefix(count).map { Int($0) } }

    /// When each volume was dealt with, among the run's volumes, by place.
    public var arrivals: [Int] { file.arrivals.prefix(count).map { Int($0) } }

    /// The CRC-32 of each volume, by place, as it was when the volume came.
    public var checksums: [UInt32] { Array(file.checksums.prefix(count)) }

    /// What makes intensities of the numbers of a volume.
    func scale(_ place: Int) -> (slope: Double, intercept: Double) { file.scale(place) }

    /// Reads a volume and compares it with its checksum.
    ///
    /// - Throws: `missing` if there is no such place, `damaged` if it is not what was recorded.
    public func volume(_ place: Int) throws(SessionError) -> RecordedVolume {
        guard (0..<count).contains(place) else {
            throw SessionError(.missing, url.path, "holds \(count) volumes; place \(place) was asked for")
        }
        return try file.volume(place)
    }
}

/// What can be known of a file before HDF5 sees it.
enum RecordingFrame {
    /// Checks that a file begins as a recording does; returns its size in bytes.
    static func check(_ path: String) throws(SessionError) -> Int {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SessionError(errno: errno, path, writing: false) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SessionError(errno: errno, path, writing: false) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SessionError(.damaged, path, "is no file") }
        var front = [UInt8](repeating: 0, count: 48)
        let got = pread(descriptor, &front, front.count, 0)
        // The signature, version 3 of the superblock, addresses and sizes of 8 bytes: what our files have. Older forms
        // have no checksums, so that HDF5 would believe whatever they say.
        guard got == front.count, Array(front[..<8]) == [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a],
            front[8] == 3, front[9] == 8, front[10] == 8
        else { throw SessionError(.damaged, path, "does not begin as a recording does") }
        let root = front[36..<44].enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
        var magic = [UInt8](repeating: 0, count: 4)
        guard root < UInt64(max(status.st_size, 0)), pread(descriptor, &magic, 4, off_t(root)) == 4,
            magic == Array("OHDR".utf8)
        else { throw SessionError(.damaged, path, "does not begin as a recording does") }
        return Int(status.st_size)
    }
}
