import ArgumentParser
import Decoder
import Evaluation
import Foundation
import Tensors
import Training

/// `percept evaluate`.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Says how good a decoder is on responses that it has not seen, beside simple baselines.",
        discussion: """
            Decodes the test responses of a data set and writes report.html, metrics.json and contact sheets. Baselines \
            (ridge regression to pixels and to latents, nearest and mean training image) are made of the training \
            responses. What the numbers mean is in Docs/evaluation.md.

            Of the folder that `percept train --folds` wrote, each fold is decoded by its own decoder, and all responses \
            are evaluated together. With --folds, the decoders of all folds can also be named in order.

            Of recorded sessions, --test-sessions or --test-runs names what is decoded; baselines learn from the others.

            With --reconstructions and --originals, images that were made elsewhere are evaluated: PNG files of equal \
            names, or NAME_sample_000.png and so on for several samples of NAME.png.
            """
    )

    @Argument(help: ArgumentHelp("The decoder, or one for each fold.", valueName: "name.percept"))
    var bundles: [String] = []

    @Option(
        name: [.long, .customLong("pairs")],
        help: ArgumentHelp("The data set: \(DatasetArgument.pairsHelp).", valueName: "kind:path")
    )
    var data: String?

    @OptionGroup
    var pairsOptions: PairsOptions

    @Option(help: ArgumentHelp("Evaluate by cross-validation in so many folds. [those in the folder]", valueName: "n"))
    var folds: Int?

    @Flag(help: "In a folder of folds, evaluate the students for few steps.")
    var students = false

    @Option(help: ArgumentHelp("A folder of reconstructions to evaluate in place of a decoder.", valueName: "dir"))
    var reconstructions: String?

    @Option(help: ArgumentHelp("The folder of their originals.", valueName: "dir"))
    var originals: String?

    @Option(help: "Images per response; their mean is the estimate.")
    var samples = 16

    @Option(help: "The sampler: \(SamplerMethod.allCases.map(\.rawValue).joined(separator: ", ")). [bundle's]")
    var sampler: SamplerMethod?

    @Option(help: "Sampler steps, from 1 to 1000. [bundle's]")
    var steps: Int?

    @Option(
        help: ArgumentHelp(
            "Also compare samplers and steps: all, or for instance plms:250,unipc:8,student:4; the first is the "
                + "reference.",
            valueName: "list"
        )
    )
    var compareSamplers: String?

    @Option(help: ArgumentHelp("The student of --compare-samplers.", valueName: "name.percept"))
    var student: String?

    @Option(help: "Seed of the start noise and of resampling.")
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Weights of a ViT classifier for the n-way semantic accuracy.", valueName: "file"))
    var classifier: String?

    @Option(help: ArgumentHelp("Features of the reconstructions, [n, d], for a Fréchet distance.", valueName: "npy"))
    var reconstructionFeatures: String?

    @Option(help: ArgumentHelp("Features of the originals, [m, d].", valueName: "npy"))
    var originalFeatures: String?

    @Option(help: "Resamples of items for intervals, and random orders for tests.")
    var resamples = 10_000

    @Option(help: "Threads; by default one per processor.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("The folder to write to; made if needed.", valueName: "dir"))
    var out = "evaluation"

    @Flag(help: "Also print metrics.json.")
    var json = false

    func validate() throws {
        guard (1...1000).contains(steps ?? 1) else { throw ValidationError("--steps must be from 1 to 1000.") }
        guard (1...1000).contains(samples) else { throw ValidationError("--samples must be from 1 to 1000.") }
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must be from 1 to 1024.") }
        guard (100...1_000_000).contains(resamples) else {
            throw ValidationError("--resamples must be from 100 to 1000000.")
        }
        guard (reconstructionFeatures == nil) == (originalFeatures == nil) else {
            throw ValidationError("--reconstruction-features and --original-features belong together.")
        }
        if let compareSamplers {
            _ = try SamplerComparison(compareSamplers, student: student)
            guard bundles.count == 1, folds == nil, EvaluationFiles.foldCount(bundles) == nil else {
                throw ValidationError("--compare-samplers is for one decoder, not for folds.")
            }
        } else if student != nil {
            throw ValidationError("--student belongs to --compare-samplers.")
        }
        guard folds ?? 2 >= 2 else { throw ValidationError("--folds must be at least 2.") }
        if bundles.isEmpty {
            guard reconstructions != nil, originals != nil, data == nil, folds == nil else {
                throw ValidationError("Give a decoder and --data, or --reconstructions and --originals.")
            }
        } else {
            guard data != nil, reconstructions == nil, originals == nil else {
                throw ValidationError(
                    "A decoder is evaluated with --data; --reconstructions is for images without one."
                )
            }
            guard folds != nil || bundles.count == 1 else {
                throw ValidationError("Several decoders are those of the folds of --folds.")
            }
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            try Engine.$current.withValue(Engine(threads: threads)) { try evaluate() }
        }
    }

    private func evaluate() throws {
        let decoding = try data.map(decoding)
        let subject =
            try decoding?.subject()
            ?? EvaluationFolders(reconstructions: reconstructions ?? "", originals: originals ?? "").subject()
        let run = EvaluationRun(
            subject: subject,
            options: evaluatorOptions,
            classifier: try classifier.map(SemanticClassifier.init),
            distance: try featureDistance()
        )
        var (report, images) = try run.report()
        if let decoding, let compareSamplers {
            report.samplers = try SamplerComparison(compareSamplers, student: student)
                .scores(of: decoding, items: subject.items, options: evaluatorOptions)
        }
        let files = try report.write(to: URL(fileURLWithPath: out), images: images)
        if json {
            print(String(decoding: try report.encoded(), as: UTF8.self))
        } else {
            print(report.summary.joined(separator: "\n"))
            for line in report.samplerTable { print(line) }
            print("written: \(files.map(\.lastPathComponent).joined(separator: ", ")) in \(out)")
        }
    }

    private var evaluatorOptions: Evaluator.Options {
        var options = Evaluator.Options()
        (options.resamples, options.permutations, options.seed) = (resamples, resamples, seed)
        return options
    }

    private func decoding(_ argument: String) throws -> EvaluationDecoding {
        let folds = folds ?? EvaluationFiles.foldCount(bundles)
        guard folds == nil || !pairsOptions.namesTests else {
            throw CommandFailure(.usage, "folds are of all pairs; leave out --test-sessions and --test-runs")
        }
        let (whole, sessions) = try pairsOptions.read(argument)
        guard folds != nil || sessions == nil || whole.test.responses.rows > 0 else {
            throw CommandFailure(.usage, "say by --test-sessions or --test-runs which trials the decoder is tested by")
        }
        let places = try folds.map { try EvaluationFiles.bundles(bundles, folds: $0, students: students) }
        let opened = try (places ?? bundles.map { URL(fileURLWithPath: $0) }).map { try DecoderBundle(opening: $0) }
        let parts = try opened.enumerated().map { number, bundle in
            let dataset = try folds.map { try whole.fold(number, of: $0, seed: PairedDataset.foldSeed) } ?? whole
            return try EvaluationPart(
                bundle: bundle,
                dataset: dataset,
                isPrepared: DatasetArgument.isPrepared(argument)
            )
        }
        let settings = PatternDecoder.Settings(
            method: sampler ?? opened[0].manifest.sampler.method,
            steps: steps ?? opened[0].manifest.sampler.steps,
            seed: seed,
            samples: samples
        )
        return EvaluationDecoding(parts: parts, argument: argument, settings: settings)
    }

    private func featureDistance() throws -> Double? {
        guard let reconstructionFeatures, let originalFeatures else { return nil }
        return try EvaluationFeatures.distance(reconstructionFeatures, originalFeatures)
    }
}
