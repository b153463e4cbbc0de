import Foundation

/// A copy of a folder, with changes, that disappears with its owner.
final class ChangedCopy {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("copy-\(UUID().uuidString)")

    init(of source: URL) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let files = FileManager.default.enumerator(atPath: source.path)
        while let path = files?.nextObject() as? String {
            let file = source.appendingPathComponent(path)
            let copy = url.appendingPathComponent(path)
            if try file.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true {
                try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
            } else {
                // Not a file copy, which would keep a read-only mode.
                try Data(contentsOf: file).write(to: copy)
            }
        }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func change(_ path: String, _ body: (String) -> String) throws {
        let file = url.appendingPathComponent(path)
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        try Data(body(text).utf8).write(to: file)
    }

    func remove(_ path: String) throws {
        try FileManager.default.removeItem(at: url.appendingPathComponent(path))
    }
}
