import Foundation

/// The recorded outputs of the reference, which lie beside the repository and may be absent.
enum Fixtures {
    /// The folder with `manifest.json`.
    static let folder: URL? = {
        if let shared = ProcessInfo.processInfo.environment["PERCEPT_SHARED"] {
            return existing(URL(fileURLWithPath: shared))
        }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.pathComponents.count > 1 {
            folder.deleteLastPathComponent()
            if let found = existing(folder.appendingPathComponent("shared")) { return found }
        }
        return nil
    }()

    static var isPresent: Bool { folder != nil }

    static func path(_ name: String) -> String {
        (folder ?? URL(fileURLWithPath: "/")).appendingPathComponent(name).path
    }

    private static func existing(_ shared: URL) -> URL? {
        let fixtures = shared.appendingPathComponent("fixtures")
        let manifest = fixtures.appendingPathComponent("manifest.json")
        return FileManager.default.fileExists(atPath: manifest.path) ? fixtures : nil
    }
}
