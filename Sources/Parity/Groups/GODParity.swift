import Training

/// Generic Object Decoding: `PREFIX/…`, where the manifest says which subjects a prefix stands for.
public struct GODParity: ParityGroup {
    /// The files of the group.
    public static let files = ["data/god_expected.npz", "data/god/images_256.npz"]

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        var checks = ParityChecks()
        for prefix in archive.prefixes {
            checks.attempt("\(archive.file): \(prefix)") { try compare(prefix, archive, folder, &$0) }
        }
        return checks.all
    }

    private func compare(
        _ prefix: String,
        _ archive: FixtureArchive,
        _ folder: FixtureFolder,
        _ checks: inout ParityChecks
    ) throws {
        let root = folder.path("data/god")
        let described = "\(prefix)/train_fmri"
        let selection = try Selection(prefix, archive.meaning(of: described), GODDataset.subjects(in: root))
        var options = GODDataset.Options()
        options.patchSize = folder.patchSize(of: described, in: archive)
        options.includesSingleTrials = selection.includesSingleTrials
        let dataset = try GODDataset(contentsOf: root, subjects: selection.subjects, options: options)
        for (part, responses) in [("train", dataset.training), ("test", dataset.test)] {
            let rows = responses.averagedRows
            let categories = rows.compactMap { responses.category(ofRow: $0) }
            func name(_ array: String) -> String { "\(prefix)/\(part)_\(array)" }
            if archive.has(name("fmri")) { try checks.compare(responses.responses, with: name("fmri"), in: archive) }
            if archive.has(name("image_sum")) {
                try checks.compare(imageSums: rows, of: responses, with: name("image_sum"), in: archive)
            }
            if archive.has(name("class")) {
                try checks.compare(categories.map(\.classIndex), with: name("class"), in: archive)
            }
            if archive.has(name("naive")) {
                try checks.compare(categories.map(\.naiveIndex), with: name("naive"), in: archive)
            }
        }
    }

    /// The subjects of a prefix, from a text such as
    /// `{one:[sbj_1], both:[sbj_1,sbj_2], trials:[sbj_2] with non-averaged test rows appended}`.
    struct Selection: Equatable {
        let subjects: [String]
        let includesSingleTrials: Bool

        init(_ prefix: String, _ description: String, _ known: [String]) throws {
            for match in description.matches(of: #/([A-Za-z0-9_]+) *: *\[([^\]]*)\]([^,}]*)/#) where match.1 == prefix {
                subjects = match.2.split(separator: ",").map { String($0.filter { $0 != " " && $0 != "'" }) }
                includesSingleTrials = match.3.contains("non-averaged")
                return
            }
            throw ParityError(
                .invalidManifest,
                prefix,
                "the manifest does not say which of the subjects \(known.joined(separator: ", ")) this stands for"
            )
        }
    }
}
