import Foundation

/// The golden data, the specification and the public sample files that stand beside the repository, where present.
public enum SharedMaterial {
    /// What a skipped test says.
    public static let missing = "The shared material is not here: set PERCEPT_SHARED to its folder."

    /// Its folder: the environment's PERCEPT_SHARED, or `shared` in a parent folder of the repository.
    public static let root: URL? = {
        let holdsFixtures = { (folder: URL) in
            FileManager.default.fileExists(atPath: folder.appendingPathComponent("fixtures/manifest.json").path)
        }
        if let path = ProcessInfo.processInfo.environment["PERCEPT_SHARED"] {
            let root = URL(fileURLWithPath: path)
            return holdsFixtures(root) ? root : nil
        }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("shared")
            if holdsFixtures(candidate) { return candidate }
        }
        return nil
    }()

    /// Whether it is here.
    public static var isPresent: Bool { root != nil }

    /// A file or folder in it.
    public static func url(_ path: String) throws -> URL {
        guard let root else { throw CocoaError(.fileNoSuchFile) }
        return root.appendingPathComponent(path)
    }
}
