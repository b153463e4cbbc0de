import Foundation

/// Half a run of studyforrest, unpacked once.
public enum Studyforrest {
    /// Where it is in the shared material.
    public static let folder = "data/studyforrest-localizer-dicom"

    /// The unpacked files, or nil where they or the programs to unpack them are not here.
    public static let unpacked: URL? = {
        guard let archive = try? SharedMaterial.url(folder + "/dicoms-half1.tar.xz"),
            FileManager.default.fileExists(atPath: archive.path)
        else { return nil }
        let target = FileManager.default.temporaryDirectory.appendingPathComponent("percept-studyforrest")
        let files = target.appendingPathComponent("dicoms")
        let done = target.appendingPathComponent("done")
        if FileManager.default.fileExists(atPath: done.path) { return files }
        try? FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-xJf", archive.path, "-C", target.path]
        guard (try? tar.run()) != nil else { return nil }
        tar.waitUntilExit()
        guard tar.terminationStatus == 0, FileManager.default.createFile(atPath: done.path, contents: nil) else {
            return nil
        }
        return files
    }()

    /// The paths of the slices of the first volumes, in the order of the scan.
    public static func slices(volumes: Int) throws -> [URL] {
        let table = try String(contentsOf: try SharedMaterial.url(folder + "/stream-order.tsv"), encoding: .utf8)
        let root = try unpacked ?? { throw CocoaError(.fileNoSuchFile) }()
        return table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: "\t")
            guard fields.count == 4, let volume = Int(fields[0]), volume <= volumes else { return nil }
            return root.appendingPathComponent(String(fields[3]))
        }
    }
}
