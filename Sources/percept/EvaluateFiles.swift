import Decoder
import Digests
import Foundation

/// Files and bundles that an evaluation is given.
enum EvaluationFiles {
    /// The digests of the files of a data set, for the provenance.
    static func digests(of argument: String) throws -> [(name: String, value: String)] {
        try DatasetArgument.files(argument).map { path in
            let url = URL(fileURLWithPath: path)
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            guard !isFolder.boolValue else { return ("Folder", url.lastPathComponent) }
            return (url.lastPathComponent, "SHA-256 \(try SHA256.hexDigest(of: url))")
        }
    }

    /// The number of folds in a folder that training wrote; nil for anything else.
    static func foldCount(_ paths: [String]) -> Int? {
        guard paths.count == 1 else { return nil }
        let parent = URL(fileURLWithPath: paths[0])
        var count = 0
        while FileManager.default.fileExists(atPath: parent.appendingPathComponent("fold-\(count + 1)").path) {
            count += 1
        }
        return count >= 2 ? count : nil
    }

    /// The decoders of all folds: as they are named, or those in `fold-1`, `fold-2` and so on of one folder.
    /// - Parameter students: whether the students for few steps are meant, `NAME-student.percept`.
    static func bundles(_ paths: [String], folds: Int, students: Bool) throws -> [URL] {
        if paths.count == folds { return paths.map { URL(fileURLWithPath: $0) } }
        guard paths.count == 1 else {
            throw CommandFailure(.usage, "--folds \(folds) needs \(folds) decoders, or the folder of all folds")
        }
        let parent = URL(fileURLWithPath: paths[0])
        return try (1...folds).map { number in
            let folder = parent.appendingPathComponent("fold-\(number)")
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            let found = names.filter { $0.hasSuffix(".percept") && $0.hasSuffix("-student.percept") == students }
            guard found.count == 1 else {
                let what = students ? "students (NAME-student.percept)" : "decoders (NAME.percept)"
                throw CommandFailure(.noInput, "\(folder.path): it holds \(found.count) \(what), one is needed")
            }
            return folder.appendingPathComponent(found[0])
        }
    }
}
