import Foundation

/// The DICOM series in a folder and the folders within it.
///
/// Files are sorted into series and volumes by what is in them, never by their names. Only headers are kept; the
/// pixels of a volume are read when it is asked for.
public struct DICOMFolder: Sendable {
    /// A file that is part of no volume.
    public struct Skipped: Sendable, Equatable {
        /// Its path.
        public let path: String
        /// Why it was left out.
        public let reason: NeuroimagingError
    }

    /// The series, by their numbers.
    public let series: [DICOMSeries]
    /// The files that are in no series.
    public let skipped: [Skipped]

    /// Reads the headers of all files of a folder.
    ///
    /// - Throws: ``NeuroimagingError`` with `unreadable` where there is no such folder.
    public init(_ path: String) throws(NeuroimagingError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue,
            let listing = FileManager.default.enumerator(atPath: path)
        else { throw NeuroimagingError(.unreadable, path, "there is no such folder") }
        var files: [String] = []
        while let file = listing.nextObject() as? String {
            if listing.fileAttributes?[.type] as? FileAttributeType == .typeRegular { files.append(path + "/" + file) }
        }
        var seriesFiles: [String: [DICOMSeries.File]] = [:]
        var seen: [String: String] = [:]
        var duplicates: [String: [DICOMSeries.Duplicate]] = [:]
        var skipped: [Skipped] = []
        for file in files.sorted() {
            do {
                let header = try DICOMImage(try Self.bytes(of: file)).header
                if let other = seen.updateValue(file, forKey: header.sopInstance) {
                    seen[header.sopInstance] = other
                    duplicates[header.seriesInstance, default: []].append(.init(path: file, original: other))
                } else {
                    seriesFiles[header.seriesInstance, default: []].append(.init(path: file, header: header))
                }
            } catch {
                skipped.append(Skipped(path: file, reason: error))
            }
        }
        var series: [DICOMSeries] = []
        for (instance, files) in seriesFiles {
            let result = DICOMSeries.series(of: files, duplicates: duplicates[instance] ?? [])
            series += result.series
            skipped += result.unused.map { Skipped(path: $0.path, reason: $0.reason) }
        }
        self.skipped = skipped.sorted { $0.path < $1.path }
        self.series = series.sorted { a, b in
            (a.description.seriesNumber ?? 0, a.description.key.description)
                < (b.description.seriesNumber ?? 0, b.description.key.description)
        }
    }

    /// The bytes of a file, if it starts like a DICOM file.
    static func bytes(of path: String) throws(NeuroimagingError) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw NeuroimagingError(.unreadable, path, "the file cannot be opened")
        }
        defer { try? handle.close() }
        guard let start = try? handle.read(upToCount: 132) else {
            throw NeuroimagingError(.unreadable, path, "the file cannot be read")
        }
        guard start.count == 132, start.suffix(4).elementsEqual("DICM".utf8) else { return [UInt8](start) }
        guard let rest = try? handle.readToEnd() else { return [UInt8](start) }
        return [UInt8](start) + [UInt8](rest)
    }
}
