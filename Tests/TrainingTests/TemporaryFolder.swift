import Foundation
import Images

/// A folder that disappears with its owner.
final class TemporaryFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("data-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file, making the folders that it is in.
    @discardableResult
    func write(_ content: some Sequence<UInt8>, to path: String) throws -> URL {
        let file = url.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(content).write(to: file)
        return file
    }

    /// Writes a PNG image of one colour.
    func writeImage(_ path: String, height: Int = 4, width: Int = 6, grey: UInt8 = 100) throws {
        try write(PNG.encode(Image8(height: height, width: width, colour: (grey, grey, grey))), to: path)
    }
}
