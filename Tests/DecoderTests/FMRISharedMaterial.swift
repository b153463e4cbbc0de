import Foundation
import Testing

/// The specification and the golden data that stand beside the repository, where they are present.
enum FMRISharedMaterial {
    static let missing = "The shared material is not here: set PERCEPT_SHARED to its folder."

    static let root: URL? = {
        let manifest = "fixtures/manifest.json"
        if let path = ProcessInfo.processInfo.environment["PERCEPT_SHARED"] {
            let root = URL(fileURLWithPath: path)
            return FileManager.default.fileExists(atPath: root.appendingPathComponent(manifest).path) ? root : nil
        }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("shared")
            if FileManager.default.fileExists(atPath: candidate.appendingPathComponent(manifest).path) {
                return candidate
            }
        }
        return nil
    }()

    static var isPresent: Bool { root != nil }

    static func fixture(_ path: String) throws -> URL {
        try #require(root, "\(missing)").appendingPathComponent("fixtures").appendingPathComponent(path)
    }

    /// The names and shapes of a key list, in its order.
    static func keys(_ name: String) throws -> [(name: String, shape: [Int])] {
        let url = try #require(root, "\(missing)").appendingPathComponent("spec/decoder-keys/\(name).tsv")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { line in
            let columns = line.split(separator: "\t")
            let shape = columns[1].split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
            return (String(columns[0]), shape)
        }
    }
}
