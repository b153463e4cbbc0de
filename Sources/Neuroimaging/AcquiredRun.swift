import Foundation

/// The volumes of one run on disk: a NIfTI file or a DICOM series, read one volume at a time.
public struct AcquiredRun {
    /// Where it is.
    public let path: String
    /// Where the voxels are.
    public let grid: VoxelGrid
    /// The time from volume to volume in s: of the BIDS metadata beside a NIfTI file, else of the file; nil if unknown.
    public let repetitionTime: Double?
    /// The number of volumes that the run was planned to have, where DICOM files say it: more than are there, if it was
    /// ended early.
    public let plannedVolumes: Int?
    /// The number of each volume in the run, from 0; gaps are volumes that are missing.
    public let numbers: [Int]
    /// What was wrong and could be handled, in words.
    public let warnings: [String]
    private let source: Source

    private enum Source {
        case nifti(NIfTIReader)
        case dicom(DICOMSeries)
    }

    /// Opens a NIfTI file, or a folder of DICOM files.
    ///
    /// - Parameters:
    ///   - path: The file or folder.
    ///   - seriesNumber: Which series of a folder with several.
    /// - Throws: `missing` where there is no such series or no volume, and what the readers throw.
    public init(path: String, seriesNumber: Int? = nil) throws {
        self.path = path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw NeuroimagingError(.unreadable, path, "there is no such file or folder")
        }
        if isFolder.boolValue {
            let folder = try DICOMFolder(path)
            let series = try Self.choose(folder, path: path, seriesNumber)
            grid = series.description.grid
            repetitionTime = series.description.repetitionTime
            plannedVolumes = series.plannedVolumes
            numbers = series.temporalPositions.map { $0 - (series.temporalPositions.first ?? 0) }
            warnings = Self.warnings(folder, series)
            source = .dicom(series)
        } else {
            let reader = try NIfTIReader(path: path)
            let metadata = try BIDSFile(URL(fileURLWithPath: path))?.metadata()
            grid = reader.header.grid
            repetitionTime = metadata?.repetitionTime ?? reader.header.repetitionTime
            plannedVolumes = nil
            numbers = Array(0..<reader.header.volumes)
            warnings = []
            source = .nifti(reader)
        }
    }

    /// The number of volumes that are there.
    public var count: Int { numbers.count }

    /// Reads a volume, by its place among those that are there.
    public func volume(_ place: Int) throws(NeuroimagingError) -> Volume {
        switch source {
        case .nifti(let reader): try reader.volume(place)
        case .dicom(let series): try series.volume(place).volume
        }
    }

    /// Reads a volume as it is stored, by its place among those that are there; of DICOM, and of types that cannot be
    /// stored as they are, in single precision.
    public func storedVolume(_ place: Int) throws(NeuroimagingError) -> StoredVolume {
        guard case .nifti(let reader) = source, reader.header.dataType.isScalar, !reader.header.isBigEndian else {
            return StoredVolume(try volume(place))
        }
        return try StoredVolume(
            grid: grid,
            dataType: reader.header.dataType,
            bytes: try reader.storedBytes(place),
            slope: reader.header.scaling.slope,
            intercept: reader.header.scaling.intercept
        )
    }

    /// The DICOM files that hold a volume, in the order of the scan as far as they say it; none for NIfTI.
    public func files(ofVolume place: Int) -> [String] {
        if case .dicom(let series) = source { series.files(ofVolume: place) } else { [] }
    }

    /// The number of the DICOM series.
    public var seriesNumber: Int? {
        if case .dicom(let series) = source { series.description.seriesNumber } else { nil }
    }

    private static func choose(
        _ folder: DICOMFolder,
        path: String,
        _ number: Int?
    ) throws(NeuroimagingError) -> DICOMSeries {
        let whole = folder.series.filter { $0.count > 0 }
        let candidates = number.map { number in whole.filter { $0.description.seriesNumber == number } } ?? whole
        let list = whole.map { series in
            "\(series.description.seriesNumber.map(String.init) ?? "?") (\(series.description.description), "
                + "\(series.count) volumes)"
        }
        .joined(separator: ", ")
        guard let first = candidates.first else {
            let reason = folder.skipped.first.map { "; \($0.path): \($0.reason.description)" } ?? ""
            throw NeuroimagingError(
                .missing,
                path,
                number.map { "has no series \($0); it has \(list.isEmpty ? "none" : list)" }
                    ?? "has no whole volume in DICOM files\(reason)"
            )
        }
        guard number != nil || candidates.count == 1 else {
            throw NeuroimagingError(.inconsistent, path, "has several series; choose one by its number: \(list)")
        }
        return first
    }

    private static func warnings(_ folder: DICOMFolder, _ series: DICOMSeries) -> [String] {
        var warnings = folder.skipped.map { "\($0.path) was left out: \($0.reason.detail)" }
        warnings += series.duplicates.map { "\($0.path) repeats \($0.original)" }
        warnings += series.incomplete.map {
            "volume \($0.temporalPosition + 1) has \($0.slices) of \($0.expected) slices and was left out"
        }
        if !series.missingPositions.isEmpty {
            warnings.append("\(series.missingPositions.count) volumes are missing")
        }
        return warnings
    }
}
