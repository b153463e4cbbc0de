import Foundation
import Neuroimaging

/// What `percept inspect` says about a NIfTI image or DICOM series.
struct ScanDescription: Encodable {
    var path: String
    var format: String
    var shape: [Int]
    var volumes: Int
    var voxelSize: [Double]
    var orientation: String
    var affine: [[Double]]
    var repetitionTime: Double?
    var echoTime: Double?
    var sliceTiming: [Double]?
    var details: [String]

    /// Whether a path is a folder with DICOM files, a DICOM file or a NIfTI file.
    static func recognizes(_ path: String, isFolder: Bool) -> Bool {
        if isFolder {
            return !FileManager.default.fileExists(atPath: path + "/bundle.json")
        }
        let name = path.lowercased()
        if [".nii", ".nii.gz", ".hdr", ".hdr.gz", ".img", ".img.gz"].contains(where: name.hasSuffix) { return true }
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        return (try? file.read(upToCount: 132))?.suffix(4) == Data("DICM".utf8)
    }

    /// Describes a NIfTI file, a DICOM file, or every series of a folder, with what was wrong in it.
    static func all(_ path: String, isFolder: Bool) throws -> (scans: [ScanDescription], problems: [String]) {
        if isFolder {
            let folder = try DICOMFolder(path)
            let scans = folder.series.map { series in
                ScanDescription(series.description, path: path, volumes: series.count, details: details(series))
            }
            guard !scans.isEmpty else {
                let reason = folder.skipped.first.map { "; \($0.path): \($0.reason.detail)" } ?? ""
                throw CommandFailure(.noInput, "\(path): is neither a bundle nor a folder with DICOM series\(reason)")
            }
            return (scans, folder.skipped.map { "\($0.path): \($0.reason.detail)" })
        }
        let file = try? FileHandle(forReadingAtPath: path)?.read(upToCount: 132)
        guard file?.suffix(4) == Data("DICM".utf8) else { return ([try ScanDescription(nifti: path)], []) }
        var assembler = DICOMAssembler()
        var volumes = try assembler.add([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        volumes += assembler.finish()
        let scans = assembler.descriptions.map { description in
            ScanDescription(
                description,
                path: path,
                volumes: volumes.count { $0.series == description.key },
                details: assembler.issues.map { "\($0)" }
            )
        }
        return (scans, [])
    }

    private init(nifti path: String) throws {
        let header = try NIfTIReader(path: path).header
        let metadata = try BIDSFile(URL(fileURLWithPath: path))?.metadata()
        self.init(
            path: path,
            format: "NIfTI-\(header.version), \(header.dataType), \(header.isBigEndian ? "big" : "little")-endian",
            grid: header.grid,
            volumes: header.volumes
        )
        repetitionTime = metadata?.repetitionTime ?? header.repetitionTime
        echoTime = metadata?.echoTime
        sliceTiming = metadata?.sliceTiming
        details.append("qform code \(header.codes.qform), sform code \(header.codes.sform)")
        if header.scaling != (1, 0) {
            details.append("value = \(header.scaling.slope) × stored + \(header.scaling.intercept)")
        }
        if !header.description.isEmpty { details.append(header.description) }
    }

    private init(_ series: DICOMSeriesDescription, path: String, volumes: Int, details: [String]) {
        let number = series.seriesNumber.map { "series \($0)" } ?? "series without a number"
        self.init(
            path: path,
            format: "DICOM, \(series.manufacturer), \(number), \(series.description)",
            grid: series.grid,
            volumes: volumes
        )
        repetitionTime = series.repetitionTime
        echoTime = series.echoTime
        sliceTiming = series.sliceTiming.isEmpty ? nil : series.sliceTiming
        self.details = details
    }

    private init(path: String, format: String, grid: VoxelGrid, volumes: Int) {
        (self.path, self.format, self.volumes) = (path, format, volumes)
        shape = [grid.shape.x, grid.shape.y, grid.shape.z]
        voxelSize = (0..<3).map { grid.voxelSize[$0] }
        orientation = grid.orientation.description
        affine = grid.affine.rows.map { [$0.x, $0.y, $0.z, $0.w] }
        details = []
    }

    private static func details(_ series: DICOMSeries) -> [String] {
        var details = series.duplicates.map { "\($0.path) repeats \($0.original)" }
        details += series.incomplete.map { "volume \($0.temporalPosition + 1): \($0.slices) of \($0.expected) slices" }
        if !series.missingPositions.isEmpty { details.append("\(series.missingPositions.count) volumes missing") }
        return details
    }

    /// The description in a few lines.
    var text: String {
        func list(_ numbers: [Double], _ format: String) -> String {
            numbers.map { String(format: format, $0) }.joined(separator: " ")
        }
        var lines = [
            "\(path): \(format)",
            "  \(shape.map(String.init).joined(separator: " × ")) voxels of \(list(voxelSize, "%.3g")) mm, "
                + "\(volumes) volume\(volumes == 1 ? "" : "s"), axes \(orientation)",
        ]
        lines += affine.map { "  [\(list($0, "%9.4f"))]" }
        if let repetitionTime { lines.append(String(format: "  repetition time %g s", repetitionTime)) }
        if let echoTime { lines.append(String(format: "  echo time %g s", echoTime)) }
        if let sliceTiming { lines.append("  slice times \(list(sliceTiming, "%.4g")) s") }
        return (lines + details.map { "  \($0)" }).joined(separator: "\n")
    }
}
