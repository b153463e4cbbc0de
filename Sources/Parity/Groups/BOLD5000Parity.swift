import Training

/// BOLD5000: `csiN/…` as the diffusion stage reads it, `phase2/…` as the second phase does.
public struct BOLD5000Parity: ParityGroup {
    /// The files of the group.
    public static let files = ["data/bold_expected.npz", "data/bold/BOLD5000_Stimuli"]

    private static let root = "data/bold"

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        let subjects = try BOLD5000Dataset.subjects(in: folder.path(Self.root))
        var checks = ParityChecks()
        for prefix in archive.prefixes {
            checks.attempt("\(archive.file): \(prefix)") { checks in
                if let subject = subjects.first(where: { $0.lowercased() == prefix.lowercased() }) {
                    try diffusionStage(prefix, subject, archive, folder, &checks)
                } else if prefix == "phase2" {
                    try secondPhase(prefix, subjects, archive, folder, &checks)
                } else {
                    throw ParityError(.malformed, prefix, "there is no such subject among \(subjects)")
                }
            }
        }
        return checks.all
    }

    private func diffusionStage(
        _ prefix: String,
        _ subject: String,
        _ archive: FixtureArchive,
        _ folder: FixtureFolder,
        _ checks: inout ParityChecks
    ) throws {
        var options = BOLD5000Dataset.Options()
        options.normalization = .jointStatistics
        options.includesSingleTrials = true
        options.patchSize = folder.patchSize(of: "\(prefix)/train_fmri", in: archive)
        let dataset = try BOLD5000Dataset(contentsOf: folder.path(Self.root), subject: subject, options: options)
        let (training, test) = (dataset.training, dataset.test)
        try checks.compare(training.responses, with: "\(prefix)/train_fmri", in: archive)
        try checks.compare(
            imageSums: Array(0..<training.responses.rows),
            of: training,
            with: "\(prefix)/train_image_sum",
            in: archive
        )
        let averages = test.averagedRows
        try checks.compare(test.responses.selecting(rows: averages), with: "\(prefix)/test_fmri", in: archive)
        try checks.compare(imageSums: averages, of: test, with: "\(prefix)/test_image_sum", in: archive)
        if archive.has("\(prefix)/test_fmri_nonavg") {
            try checks.compare(test.responses, with: "\(prefix)/test_fmri_nonavg", in: archive)
        }
    }

    /// The second phase reads its default subject, which is the first, without padding or scaling.
    private func secondPhase(
        _ prefix: String,
        _ subjects: [String],
        _ archive: FixtureArchive,
        _ folder: FixtureFolder,
        _ checks: inout ParityChecks
    ) throws {
        guard let subject = subjects.first else { throw ParityError(.missing, prefix, "there is no subject") }
        var options = BOLD5000Dataset.Options()
        options.normalization = .raw
        let dataset = try BOLD5000Dataset(contentsOf: folder.path(Self.root), subject: subject, options: options)
        let responses = dataset.training.responses
        try checks.compare(responses, with: "\(prefix)/train_fmri_raw", in: archive)
        guard let width = try archive.array("\(prefix)/num_voxels").integers().first, width > 0 else {
            throw ParityError(.malformed, "\(prefix)/num_voxels", "not a number of voxels")
        }
        try checks.compare(responses.fitted(toWidth: width), with: "\(prefix)/train_fmri_fitted", in: archive)
    }
}
