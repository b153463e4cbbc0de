import Foundation
import Images

extension EvaluationReport {
    /// Writes `report.html`, `metrics.json`, `contact-sheet-1.png` and so on, and `samplers.png` if samplers were
    /// compared, into a folder, which is made if needed.
    ///
    /// Each file appears complete or not at all.
    /// - Returns: the files.
    /// - Throws: `ReportError` or `ImageError`.
    @discardableResult
    public func write(to folder: URL, images: ReportImages) throws -> [URL] {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ReportError(
                code: .unwritable,
                subject: folder.path,
                detail: "the folder cannot be made: \(error.localizedDescription)"
            )
        }
        let page = try ReportPage(report: self, images: images).html()
        var written = [folder.appendingPathComponent("report.html"), folder.appendingPathComponent("metrics.json")]
        try Self.write(Data(page.utf8), to: written[0])
        try Self.write(encoded(), to: written[1])
        if let chart = ReportCharts(report: self).samplers() {
            written.append(folder.appendingPathComponent("samplers.png"))
            try PNG.write(chart, to: written[2])
        }
        for (index, sheet) in images.contactSheets().enumerated() {
            let file = folder.appendingPathComponent("contact-sheet-\(index + 1).png")
            try PNG.write(sheet, to: file)
            written.append(file)
        }
        return written
    }

    private static func write(_ data: Data, to file: URL) throws {
        do {
            try data.write(to: file, options: .atomic)
        } catch {
            throw ReportError(
                code: .unwritable,
                subject: file.path,
                detail: "the file cannot be written: \(error.localizedDescription)"
            )
        }
    }
}

/// Why a report cannot be written.
public struct ReportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// A file or folder cannot be written.
        case unwritable
    }

    /// The kind of failure.
    public let code: Code
    /// The file that it is about.
    public let subject: String
    /// What was wrong.
    public let detail: String

    /// The subject, then what was wrong with it.
    public var description: String { "\(subject): \(detail)" }
}
