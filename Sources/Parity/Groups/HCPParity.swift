import Training

/// Pre-training samples of HCP recordings: an array per subject.
public struct HCPParity: ParityGroup {
    /// The files of the group.
    public static let files = ["data/hcp_expected.npz", "data/hcp/npz"]

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        var checks = ParityChecks()
        for subject in archive.names {
            checks.attempt("\(archive.file): \(subject)") { checks in
                var options = HCPDataset.Options()
                options.patchSize = folder.patchSize(of: subject, in: archive)
                let samples = try HCPDataset.samples(
                    subject: subject,
                    in: folder.path(Self.files[1]),
                    options: options
                )
                try checks.compare(samples, with: subject, in: archive)
            }
        }
        return checks.all
    }
}

extension FixtureFolder {
    /// The patch that the description of an array names, else that of the recorded encoder.
    func patchSize(of name: String, in archive: FixtureArchive) -> Int {
        if let match = archive.meaning(of: name).firstMatch(of: #/patch ([0-9]+)/#), let size = Int(match.1), size > 0 {
            return size
        }
        return (try? config.section("mae").int("patch_size")) ?? 16
    }
}

extension ParityChecks {
    /// Compares responses with a recorded matrix.
    mutating func compare(_ responses: ResponseMatrix, with name: String, in archive: FixtureArchive) throws {
        try compare(
            responses.values.map(Double.init),
            shape: [responses.rows, responses.columns],
            with: name,
            in: archive,
            .forward
        )
    }

    /// Compares the sums of images with a recorded list.
    mutating func compare(
        imageSums rows: [Int],
        of responses: StimulusResponses,
        with name: String,
        in archive: FixtureArchive
    ) throws {
        let sums = rows.map { responses.image(ofRow: $0).bytes.reduce(0) { $0 + Int($1) } }
        try compare(sums, with: name, in: archive)
    }
}
