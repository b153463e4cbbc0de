import Foundation
import Neuroimaging
import Settings

/// Makes volumes of the NIfTI files of a folder.
struct NIfTIIntake {
    private let root: String
    private let session: SessionDefaults
    /// The number of the next file without one, and the number at which those of others begin, by run.
    private var counts: [String: Int] = [:]
    private var starts: [String: Int] = [:]
    private var ended: Set<String> = []
    /// The numbers of the volumes that came, by run.
    private var taken: [String: Set<Int>] = [:]

    init(root: String, session: SessionDefaults) {
        (self.root, self.session) = (root, session)
    }

    /// A name without extension, taken apart.
    struct Name: Equatable {
        /// What the names of a run's files have in common, with their folder.
        var stem: String
        /// The trailing number.
        var number: Int?

        /// The keys of BIDS whose labels may be numbers.
        private static let entities: Set = ["sub", "ses", "task", "acq", "run", "echo", "dir", "rec", "ce", "part"]

        /// Takes the path of a file apart.
        init(_ path: String, below root: String) {
            var name = path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
            for suffix in [".gz", ".nii"] where name.lowercased().hasSuffix(suffix) { name.removeLast(suffix.count) }
            let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
            let rest = name.dropLast(digits)
            // The digits of `run-01` name the run, not a volume.
            let lastPart = name.split(whereSeparator: { $0 == "_" || $0 == "/" }).last ?? ""
            if digits == 0 || Self.entities.contains(String(lastPart.prefix { $0 != "-" })) && lastPart.contains("-") {
                (stem, number) = (name, nil)
            } else {
                number = Int(name.suffix(digits))
                stem = String(rest)
                while let last = stem.last, "_-. ".contains(last) { stem.removeLast() }
            }
        }
    }

    /// What a file holds.
    struct Content {
        var run: FolderRun
        /// The number of the file's first volume in the run.
        var firstIndex: Int
        let reader: NIfTIReader

        /// The number of volumes.
        var count: Int { reader.header.volumes }

        /// Reads a volume.
        func volume(_ place: Int) throws(NeuroimagingError) -> StoredVolume {
            let header = reader.header
            guard header.dataType.isScalar, header.dataType != .float128, !header.isBigEndian else {
                return StoredVolume(try reader.volume(place))
            }
            return try StoredVolume(
                grid: header.grid,
                dataType: header.dataType,
                bytes: try reader.storedBytes(place),
                slope: header.scaling.slope,
                intercept: header.scaling.intercept
            )
        }
    }

    /// Finds out which volumes a file holds.
    ///
    /// - Throws: ``FolderFile/Problem``: `incomplete` where the file is cut short, `malformed` where it has no place in
    ///   its run, `duplicate` or `late` where that came before or is over.
    mutating func take(
        _ reader: NIfTIReader,
        path: String,
        names: inout FolderRunNames
    ) throws(FolderFile.Problem) -> Content {
        let name = Name(path, below: root)
        let isRun = reader.header.volumes > 1
        let key = isRun ? path : name.stem
        let run = FolderRun(
            key: key,
            name: names.name(of: key, wish: Self.wish(path, name, isRun: isRun)),
            subject: Self.entity("sub", path) ?? session.subject,
            task: Self.entity("task", path) ?? session.task,
            repetitionTime: reader.header.repetitionTime ?? session.repetitionTime,
            plannedVolumes: isRun ? reader.header.volumes : nil
        )
        guard !ended.contains(key) else {
            throw .late("it came after its run \(run.name) was over: another run began")
        }
        guard isRun else {
            // A number is only given away to a file that is whole.
            do { _ = try reader.storedBytes(0) } catch { throw FolderFile.problem(error) }
            guard let index = index(of: name, path: path) else {
                throw .malformed("its number is below that of the run's first volume")
            }
            guard taken[key, default: []].insert(index).inserted else {
                throw .duplicate("volume \(index) of \(run.name) came before; left out")
            }
            return Content(run: run, firstIndex: index, reader: reader)
        }
        guard taken[key] == nil else { throw .duplicate("\(run.name) came before; left out") }
        do {
            _ = try reader.storedBytes(reader.header.volumes - 1)
            taken[key] = []
            return Content(run: run, firstIndex: 0, reader: try NIfTIReader(path: path))
        } catch {
            throw FolderFile.problem(error)
        }
    }

    /// Leaves out what comes later for a run.
    mutating func finish(_ key: String) { ended.insert(key) }

    /// The number of a volume from 0.
    ///
    /// Numbers in names begin with 1, or with 0 if there is a file with the number 0 when the run's first volume comes.
    private mutating func index(of name: Name, path: String) -> Int? {
        guard let number = name.number else {
            defer { counts[name.stem, default: 0] += 1 }
            return counts[name.stem, default: 0]
        }
        if starts[name.stem] == nil {
            let folder = (path as NSString).deletingLastPathComponent
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let hasZero = files.contains { file in
                let other = Name(folder + "/" + file, below: root)
                return other.number == 0 && other.stem == name.stem
            }
            starts[name.stem] = number == 0 || hasZero ? 0 : 1
        }
        let index = number - (starts[name.stem] ?? 0)
        return index >= 0 ? index : nil
    }

    private static func entity(_ key: String, _ path: String) -> String? {
        BIDSFile(URL(fileURLWithPath: path))?.entities[key]
    }

    /// What a run is called: the entities of a BIDS name other than the person and the session, or the name itself.
    private static func wish(_ path: String, _ name: Name, isRun: Bool) -> String {
        var text = (isRun && name.number != nil ? path : name.stem).split(separator: "/").last.map(String.init) ?? "run"
        for suffix in [".gz", ".nii"] where text.lowercased().hasSuffix(suffix) { text.removeLast(suffix.count) }
        let isBIDS = BIDSFile(URL(fileURLWithPath: "/" + text))?.entities.isEmpty == false
        guard isBIDS else { return text.isEmpty ? "run" : text }
        let entities = text.split(separator: "_").dropLast().filter { !$0.hasPrefix("sub-") && !$0.hasPrefix("ses-") }
        return entities.isEmpty ? text : entities.joined(separator: "_")
    }
}
