import CLinux
import Foundation
import Neuroimaging

/// The files that are in a folder at the start, in the order in which they were acquired.
struct FolderBacklog {
    /// A file of a series or run.
    struct File {
        var path: String
        /// What tells its run from others.
        var key: String
        /// What sorts runs by the time at which they began.
        var rank: String
        /// What sorts the files of a run: when they were changed, or their numbers.
        var place: Int64
    }

    private var files: [File] = []
    /// An image of each series, by rank.
    private var images: [String: DICOMImage] = [:]

    /// An image of each series, in the order in which the series were acquired.
    var series: [DICOMImage] { images.sorted { $0.key < $1.key }.map(\.value) }

    /// The most bytes that are read to find out what a file is: what comes before the pixels nearly always fits.
    private static let headLength = 1 << 18

    /// Looks into a file.
    mutating func add(_ entry: FolderListing.Entry, below root: String) {
        guard entry.stamp.kind == .file, let image = Self.head(entry.path) else {
            let name = NIfTIIntake.Name(entry.path, below: root)
            // What is no DICOM file comes by its name, in a run for itself.
            let number = Int64(name.number ?? 0)
            files.append(File(path: entry.path, key: name.stem, rank: "1 \(name.stem)", place: number))
            return
        }
        let start = String(format: "%020.6f %06d", image.seriesStart ?? 0, image.seriesNumber ?? 0)
        let rank = "0 \(start) \(image.seriesInstance)"
        if images[rank] == nil { images[rank] = image }
        files.append(
            File(
                path: entry.path,
                key: image.seriesInstance,
                rank: rank,
                place: entry.stamp.changedAt
            )
        )
    }

    /// The paths run by run; of one run, the files that were changed first, or have the smallest numbers, come first.
    ///
    /// - Parameter resume: The run that went on; earlier ones are left out. Nil for all.
    func paths(resuming resume: String?) -> [String] {
        let sorted = files.sorted { ($0.rank, $0.place, $0.path) < ($1.rank, $1.place, $1.path) }
        guard let resume else { return sorted.map(\.path) }
        guard let first = sorted.firstIndex(where: { $0.key == resume || $0.path == resume }) else { return [] }
        let rank = sorted[first].rank
        return sorted.filter { $0.rank >= rank }.map(\.path)
    }

    /// The header of a DICOM file, without most of its pixels.
    private static func head(_ path: String) -> DICOMImage? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        guard let start = try? file.read(upToCount: 132), start.count == 132,
            start.suffix(4).elementsEqual("DICM".utf8),
            let rest = try? file.read(upToCount: headLength)
        else { return nil }
        let bytes = [UInt8](start) + [UInt8](rest)
        if let image = try? DICOMImage(headerOf: bytes) { return image }
        guard rest.count == headLength, let tail = try? file.readToEnd() else { return nil }
        return try? DICOMImage(headerOf: bytes + [UInt8](tail))
    }
}
