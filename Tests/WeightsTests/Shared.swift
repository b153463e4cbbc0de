import Foundation

/// Material beside the repository, which a user's machine lacks.
enum Shared {
    static let root: String? = {
        if let path = ProcessInfo.processInfo.environment["PERCEPT_SHARED"] { return path }
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<6 {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("shared").path
            if FileManager.default.fileExists(atPath: candidate + "/fixtures/manifest.json") { return candidate }
        }
        return nil
    }()

    static var isPresent: Bool { root != nil }
    static func path(_ relative: String) -> String { (root ?? "") + "/" + relative }

    static func files(below folder: String, suffix: String) -> [String] {
        let base = path(folder)
        let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(suffix) }.sorted().map { base + "/" + $0 }
    }
}
