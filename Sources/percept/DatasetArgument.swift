import Foundation
import SessionDatasets
import Training

/// Data named on the command line as `KIND:PATH`.
enum DatasetArgument {
    /// The kinds of patterns with images, for help.
    static let pairsHelp =
        "npz:FILE, hdf5:FILE, bdata:FILE, god:FOLDER/sbj_N, bold5000:FOLDER/CSIN or session:STATE[#NAME,…]"

    /// Patterns with images, of any kind but recorded sessions.
    ///
    /// - Parameter images: The folder of images that the file only names.
    static func pairs(_ argument: String, images: URL?) throws -> PairedDataset {
        let (kind, url) = try parse(argument)
        switch kind {
        case "npz": return try NPZDataset.read(existing(url))
        case "hdf5": return try PatternsFile.read(existing(url), images: images)
        case "bdata":
            guard let images else {
                throw CommandFailure(.usage, "--stimuli is missing: the folder with images_256.npz and the lists")
            }
            let data = try GODDataset(bdata: [existing(url)], stimuli: images)
            let name = "GOD, \(url.deletingPathExtension().lastPathComponent)"
            return PairedDataset(name: name, training: data.training, test: data.test)
        case "god":
            let (folder, subject) = (url.deletingLastPathComponent(), url.lastPathComponent)
            let data = try GODDataset(contentsOf: existing(folder), subjects: [subject])
            return PairedDataset(name: "GOD, \(subject)", training: data.training, test: data.test)
        case "bold5000":
            let (folder, subject) = (url.deletingLastPathComponent(), url.lastPathComponent)
            let data = try BOLD5000Dataset(contentsOf: existing(folder), subject: subject)
            return PairedDataset(name: "BOLD5000, \(subject)", training: data.training, test: data.test)
        default: throw unknown(kind, "npz, hdf5, bdata, god, bold5000, session")
        }
    }

    /// Patterns without images, of any kind but recorded sessions: `npz:FILE`, `hdf5:FILE` or `hcp:FOLDER`.
    static func unlabelled(_ argument: String) throws -> UnlabelledPatterns {
        let (kind, url) = try parse(argument)
        switch kind {
        case "npz": return try UnlabelledPatterns(npz: existing(url))
        case "hdf5": return try UnlabelledPatterns(hdf5: existing(url))
        case "hcp": return try UnlabelledPatterns(hcp: existing(url))
        default: throw unknown(kind, "npz, hdf5, hcp, session")
        }
    }

    /// The daemon's state folder and the names of sessions in `session:STATE` or `session:STATE#NAME,NAME`; nil for
    /// another kind of data.
    static func sessions(_ argument: String) throws -> (state: URL, names: [String]?)? {
        let (kind, url) = try parse(argument)
        guard kind == "session" else { return nil }
        guard let mark = url.path.lastIndex(of: "#") else { return (try existing(url), nil) }
        let names = url.path[url.path.index(after: mark)...].split(separator: ",").map(String.init)
        guard !names.isEmpty else {
            throw CommandFailure(.usage, "\(argument): name sessions after #, or leave it out for all")
        }
        return (try existing(URL(fileURLWithPath: String(url.path[..<mark]))), names)
    }

    /// Whether the patterns of an argument come scaled and padded as published decoders take them.
    static func isPrepared(_ argument: String) -> Bool {
        ["bdata", "god", "bold5000"].contains((try? parse(argument))?.kind)
    }

    private static func existing(_ url: URL) throws -> URL {
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw CommandFailure(.noInput, "\(url.path): there is no such file or folder")
        }
        return url
    }

    /// Images, perhaps with classes: `idx:FILE` or `folder:FOLDER`.
    static func images(_ argument: String) throws -> StimulusSet {
        let (kind, url) = try parse(argument)
        switch kind {
        case "idx": return try IDXImages.read(url)
        case "folder": return try ImageFolderDataset(contentsOf: existing(url)).stimuli
        default: throw unknown(kind, "idx, folder")
        }
    }

    /// The files of an argument, for provenance.
    static func files(_ argument: String) -> [String] {
        // A log of sessions grows; what was taken of it is said in other words.
        guard let (kind, url) = try? parse(argument), kind != "session" else { return [] }
        let path = url.path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return [] }
        guard isFolder.boolValue else { return [path] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.sorted().prefix(64).map { "\(path)/\($0)" }
    }

    /// Whether there is a file, and not a folder, at a path.
    static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
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
