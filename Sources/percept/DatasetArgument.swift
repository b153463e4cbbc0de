import Foundation
import Training

/// Data named on the command line as `KIND:PATH`.
enum DatasetArgument {
    /// Patterns with images: `npz:FILE`.
    static func pairs(_ argument: String) throws -> PairedDataset {
        let (kind, url) = try parse(argument)
        switch kind {
        case "npz": return try NPZDataset.read(url)
        default: throw unknown(kind, "npz")
        }
    }

    /// Images, perhaps with classes: `idx:FILE` or `folder:FOLDER`.
    static func images(_ argument: String) throws -> StimulusSet {
        let (kind, url) = try parse(argument)
        switch kind {
        case "idx": return try IDXImages.read(url)
        default: throw unknown(kind, "idx")
        }
    }

    /// The files of an argument, for provenance.
    static func files(_ argument: String) -> [String] {
        guard let path = try? parse(argument).url.path else { return [] }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return [] }
        guard isFolder.boolValue else { return [path] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.sorted().prefix(64).map { "\(path)/\($0)" }
    }

    private static func parse(_ argument: String) throws -> (kind: String, url: URL) {
        let parts = argument.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw CommandFailure(.usage, "\(argument): name data as KIND:PATH, for instance npz:digits.npz")
        }
        return (parts[0], URL(fileURLWithPath: parts[1]))
    }

    private static func unknown(_ kind: String, _ known: String) -> CommandFailure {
        CommandFailure(.usage, "\(kind): unknown kind of data; known here: \(known)")
    }
}
