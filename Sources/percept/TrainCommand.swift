import ArgumentParser
import Decoder
import Foundation
import SessionDatasets
import Settings
import Tensors
import Training

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a decoder by a recipe.",
        discussion: """
            A recipe (Config/recipes) says which phases are trained and how; the data is named here. Results go to a \
            folder: a folder for every phase with its curves and weights, and at the end the decoder bundle. The same \
            command goes on where an earlier run was stopped, however it was stopped.
            """
    )

    @Argument(help: ArgumentHelp("The recipe.", valueName: "file"))
    var recipe: String

    @Option(help: ArgumentHelp("Patterns with their images: \(DatasetArgument.pairsHelp).", valueName: "kind:path"))
    var pairs: String

    @OptionGroup
    var pairsOptions: PairsOptions

    @Option(
        help: ArgumentHelp(
            "The folder that perceptd processed the volumes with; the bundle gets its files.",
            valueName: "folder"
        )
    )
    var preprocessing: String?

    @Option(
        help: ArgumentHelp(
            "Further patterns for phase 1: npz:FILE, hdf5:FILE, hcp:FOLDER or session:STATE[#NAME,…].",
            valueName: "kind:path"
        )
    )
    var unlabelled: String?

    @Option(help: ArgumentHelp("Images for the image model, as KIND:PATH; else those of the pairs.", valueName: "data"))
    var images: String?

    @Option(help: ArgumentHelp("The folder for the results.", valueName: "folder"))
    var out: String

    @Option(help: ArgumentHelp("A folder that runs share for the phases that see images alone.", valueName: "folder"))
    var imagePhases: String?

    @Option(help: ArgumentHelp("Train on all but one fold of all pairs, for instance 1/10.", valueName: "k/n"))
    var fold: FoldArgument?

    @Option(help: "The seed of everything random, in place of the recipe's.")
    var seed: UInt64?

    @Option(name: .customLong("set"), help: ArgumentHelp("A value in place of the recipe's.", valueName: "key=value"))
    var overrides: [String] = []

    @Option(help: "Threads; by default one per processor.")
    var threads: Int?

    @Flag(help: "Print the recipe with all its values, and train nothing.")
    var showRecipe = false

    @Option(help: ArgumentHelp("Train one decoder for each of so many folds of all pairs.", valueName: "n"))
    var folds: Int?

    func validate() throws {
        guard folds == nil || fold == nil else { throw ValidationError("Give either --fold or --folds.") }
        guard folds == nil && fold == nil || !pairsOptions.namesTests else {
            throw ValidationError("Folds are of all pairs; give them, or --test-sessions and --test-runs.")
        }
        guard folds ?? 2 >= 2, threads ?? 1 >= 1 else {
            throw ValidationError("--folds must be at least 2, --threads at least 1.")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            var recipe = try TrainingRecipe(contentsOf: recipe, overrides: overrides)
            if let seed { recipe.seed = seed }
            if showRecipe {
                for (key, value) in recipe.effective { print("\(key): \(value)") }
                return
            }
            guard unlabelled == nil || recipe.pretraining.isTrained else {
                throw CommandFailure(.usage, "--unlabelled is for phase 1, which this recipe does not train")
            }
            let (data, sessions) = try pairsOptions.read(pairs)
            let material = Material(
                prior: try images.map(DatasetArgument.images),
                unlabelled: try unlabelled.map {
                    try pairsOptions.readUnlabelled($0, pairs: pairs, sessions: sessions)
                },
                attachments: try attachments(data, sessions),
                notes: sessions.map { [$0.summary] } ?? []
            )
            let folder = URL(fileURLWithPath: out, isDirectory: true)
            let shared = imagePhases.map { URL(fileURLWithPath: $0, isDirectory: true) }
            let start = ContinuousClock.now
            if let folds {
                for number in 0..<folds {
                    StandardError.write("fold \(number + 1) of \(folds)\n")
                    try train(
                        recipe,
                        data.fold(number, of: folds, seed: PairedDataset.foldSeed).training,
                        material,
                        folder: folder.appendingPathComponent("fold-\(number + 1)", isDirectory: true),
                        images: shared ?? folder.appendingPathComponent("images", isDirectory: true),
                        note: "trained on all pairs but fold \(number + 1) of \(folds)"
                    )
                }
            } else if let fold {
                let split = try data.fold(fold.number, of: fold.count, seed: PairedDataset.foldSeed)
                let note = "trained on all pairs but fold \(fold.number + 1) of \(fold.count)"
                try train(recipe, split.training, material, folder: folder, images: shared, note: note)
            } else {
                try train(recipe, data.training, material, folder: folder, images: shared, note: nil)
            }
            StandardError.write("trained in \(ProgressLine.clock(start.duration(to: .now).seconds))\n")
        }
    }

    /// What all folds share.
    private struct Material {
        let prior: StimulusSet?
        let unlabelled: UnlabelledPatterns?
        let attachments: [BundleAttachment]
        let notes: [String]
    }

    private func attachments(_ data: PairedDataset, _ sessions: SessionDataset?) throws -> [BundleAttachment] {
        if let preprocessing {
            let folder = URL(fileURLWithPath: preprocessing)
            return try TrainedPreprocessing.attachments(folder, pairs: data, sessions: sessions)
        }
        if sessions != nil {
            StandardError.write("percept: without --preprocessing, perceptd needs `preprocessing` beside the bundle\n")
        }
        return []
    }

    /// Trains one decoder and writes its bundle.
    private func train(
        _ recipe: TrainingRecipe,
        _ pairs: StimulusResponses,
        _ material: Material,
        folder: URL,
        images: URL?,
        note: String?
    ) throws {
        let progress = PhaseProgress()
        var options = TrainingChain.Options(folder: folder)
        options.imageFolder = images
        options.report = { progress.update($0) }
        let chosen = options
        try Engine.$current.withValue(threads.map { Engine(threads: $0) } ?? Engine.current) {
            let chain = try TrainingChain(
                recipe: recipe,
                pairs: pairs,
                prior: material.prior,
                unlabelled: material.unlabelled,
                options: chosen
            )
            let result = try chain.run()
            let text = recipe.effective.map { "\($0.key): \($0.value)\n" }.joined()
            try Data(text.utf8).write(to: folder.appendingPathComponent("recipe.txt"), options: .atomic)
            let notes = material.notes + (note.map { [$0] } ?? [])
            func write(_ decoder: LatentDiffusion, _ name: String, _ method: SamplerMethod, steps: Int) throws {
                let content = BundleImport(
                    trained: decoder,
                    sources: sources,
                    sampler: .init(method: method, steps: steps),
                    standardization: chain.standardization,
                    attachments: material.attachments,
                    seed: recipe.seed,
                    notes: notes
                )
                let bundle = folder.appendingPathComponent("\(name).percept", isDirectory: true)
                try content.write(to: bundle, replaces: true, creator: Percept.creator)
                print(bundle.path)
            }
            try write(
                result.decoder,
                recipe.name,
                SamplerMethod(rawValue: recipe.sampler.method) ?? .plms,
                steps: recipe.sampler.steps
            )
            if let student = result.student { try write(student, "\(recipe.name)-student", .consistency, steps: 4) }
        }
    }

    /// The files that a decoder is made of.
    private var sources: [(role: String, path: String)] {
        let data = [("pairs", pairs), ("unlabelled", unlabelled), ("images", images)]
        return [("recipe", recipe)]
            + data.flatMap { role, argument in
                (argument.map(DatasetArgument.files) ?? []).filter(DatasetArgument.isFile).map { (role, $0) }
            }
    }
}

extension PairedDataset {
    /// The seed of the folds of a cross-validation, the same for every recipe so that results can be compared.
    static let foldSeed: UInt64 = 1
}

/// A fold of a cross-validation, written `1/10`.
struct FoldArgument: ExpressibleByArgument {
    /// From 0.
    let number: Int
    let count: Int

    init?(argument: String) {
        let parts = argument.split(separator: "/").compactMap { Int($0) }
        guard parts.count == 2, parts[1] >= 2, (1...parts[1]).contains(parts[0]) else { return nil }
        (number, count) = (parts[0] - 1, parts[1])
    }
}
