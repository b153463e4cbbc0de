import Decoder
import Evaluation
import Foundation
import Images
import Tensors
import Training

/// Decodes the test patterns of a data set, and makes the baselines beside it.
///
/// With folds there is a decoder for each, trained on the others; together they reconstruct every item once.
struct EvaluationDecoding {
    /// Decoders with the data that each is evaluated on.
    var parts: [EvaluationPart]
    /// The data set as it was named.
    let argument: String
    var settings: PatternDecoder.Settings

    private var isCrossValidated: Bool { parts.count > 1 }

    func subject() throws -> EvaluationSubject {
        let fitting = try fitting()
        var (samples, baselines) = ([[FloatImage]](), [Baseline: [FloatImage]]())
        var penalties: [Baseline: [Double]] = [:]
        for (number, part) in parts.enumerated() {
            let prefix = isCrossValidated ? "fold \(number + 1)/\(parts.count): " : ""
            let decoder = try part.makeDecoder()
            let decoded = try decode(part, decoder, fitting, label: prefix + "decode")
            samples = samples.isEmpty ? decoded : zip(samples, decoded).map { $0 + $1 }
            for result in try part.baselines(
                decoder,
                fitting,
                announce: { StandardError.write("percept: \(prefix)\($0)\n") }
            ) {
                baselines[result.baseline, default: []] += result.images
                if let penalty = result.penalty { penalties[result.baseline, default: []].append(penalty) }
            }
        }
        let items = items(fitting)
        let whole = Baseline.allCases.compactMap { baseline -> Reconstructions? in
            guard let images = baselines[baseline], images.count == items.count else { return nil }
            return Reconstructions(identifier: baseline.rawValue, title: baseline.title, samples: [images])
        }
        return EvaluationSubject(
            title: title,
            items: items,
            methods: Self.subjects(samples) + whole,
            statements: try statements(items),
            notes: notes(items.count),
            provenance: try provenance(fitting, penalties)
        )
    }

    /// The same patterns, by another sampler.
    func with(method: SamplerMethod, steps: Int) -> EvaluationDecoding {
        var other = self
        (other.settings.method, other.settings.steps) = (method, steps)
        return other
    }

    /// The same patterns, by other decoders.
    func with(bundles: [DecoderBundle]) throws -> EvaluationDecoding {
        var other = self
        other.parts = try zip(parts, bundles).map { part, bundle in
            try EvaluationPart(bundle: bundle, dataset: part.dataset, isPrepared: part.isPrepared)
        }
        return other
    }

    /// Only the decoder's images, `[sample][item]`.
    func samples(label: String) throws -> [[FloatImage]] {
        let fitting = try fitting()
        var samples: [[FloatImage]] = []
        for part in parts {
            let decoded = try decode(part, try part.makeDecoder(), fitting, label: label)
            samples = samples.isEmpty ? decoded : zip(samples, decoded).map { $0 + $1 }
        }
        return samples
    }

    private func fitting() throws -> ImageFitting {
        let sizes = parts.map(\.modelSize)
        guard Set(sizes).count == 1, let size = sizes.first else {
            throw CommandFailure(.badData, "the decoders make images of different sizes: \(Set(sizes).sorted())")
        }
        return ImageFitting(modelSize: size, originals: parts[0].dataset.training.stimuli.images)
    }

    private func decode(
        _ part: EvaluationPart,
        _ decoder: LatentDiffusion,
        _ fitting: ImageFitting,
        label: String
    ) throws -> [[FloatImage]] {
        let decoding = PatternDecoder(decoder, settings: settings)
        let patterns = try part.preparedPatterns()
        let progress = ProgressLine(label, unit: "steps", total: decoding.totalSteps(patterns: part.rows.count))
        let images = try decoding.decode(patterns) { progress.update($0) }
        // Spares the next run the packing; a folder that cannot be written to is no reason to fail.
        _ = try? part.bundle.savePackedWeights(of: decoder)
        return images.map { sample in sample.map { FloatImage(fitting.fromModel($0)) } }
    }

    private func items(_ fitting: ImageFitting) -> EvaluationItems {
        var (names, originals, classes, groups) = ([String](), [Image8](), [Int](), [Int]())
        for (number, part) in parts.enumerated() {
            let test = part.dataset.test
            names += part.rows.map { test.stimuli.names[test.imageIndices[$0]] }
            originals += part.rows.map { fitting.original(test.image(ofRow: $0)) }
            classes += part.rows.compactMap { test.imageClass(ofRow: $0) }
            groups += part.rows.map { _ in number }
        }
        return EvaluationItems(
            names: names,
            originals: originals,
            classes: classes.count == names.count ? classes : nil,
            classNames: parts[0].dataset.test.stimuli.classNames,
            groups: isCrossValidated ? groups : nil
        )
    }

    private static func subjects(_ samples: [[FloatImage]]) -> [Reconstructions] {
        guard samples.count > 1 else {
            return [Reconstructions(identifier: "decoder", title: "Decoder", isSubject: true, samples: samples)]
        }
        let single = Reconstructions(
            identifier: "samples",
            title: "Decoder, single samples",
            isSubject: true,
            samples: samples
        )
        let title = "Decoder, mean of \(samples.count) samples"
        return [Reconstructions(identifier: "decoder", title: title, isSubject: true, samples: [single.means]), single]
    }

    private var title: String {
        let name = parts[0].bundle.folder.deletingPathExtension().lastPathComponent
        let path = argument.drop { $0 != ":" }.dropFirst()
        let data = URL(fileURLWithPath: String(path)).deletingPathExtension().lastPathComponent
        return isCrossValidated ? "\(name), \(parts.count) folds of \(data)" : "\(name) on \(data)"
    }
}

/// What the report says of the data and the decoder.
extension EvaluationDecoding {
    private func statements(_ items: EvaluationItems) throws -> [String] {
        let data = parts[0].dataset
        let count = isCrossValidated ? "\(items.count)" : "\(items.count) test"
        let training = Set(parts.map(\.dataset.training.responses.rows)).sorted().map(String.init)
        var statements = [
            "Data: \(count) patterns of \(Set(items.identities).count) images, "
                + "\(training.joined(separator: " or ")) training patterns, \(data.training.responses.columns) voxels."
        ]
        if isCrossValidated {
            statements.append(
                "Cross-validation in \(parts.count) folds: every pattern was decoded by a model that was trained without "
                    + "its fold. Pairs are compared within a fold; \"first of all\" is among all \(items.count) items."
            )
        }
        let repeated = parts.reduce(0) { $0 + $1.repeatedImages }
        statements.append("\(repeated) of the test images are also among the training images.")
        statements.append(try parts[0].preparation)
        statements.append(
            "All baselines come from the training patterns alone; the penalty of ridge regression was chosen by leaving "
                + "out training patterns, one at a time."
        )
        statements.append(
            settings.samples > 1
                ? "The estimate is the mean of \(settings.samples) samples per pattern; single samples are scored one by "
                    + "one, and their scores averaged."
                : "The estimate is one sample per pattern."
        )
        statements.append(
            "Whether test data had a say in training or in choosing among models cannot be seen here; what the bundle "
                + "says of its making is under Provenance."
        )
        return statements
    }

    private func notes(_ count: Int) -> [String] {
        var notes: [String] = []
        if count < 30 {
            notes.append("\(count) items are few: intervals are wide, and small differences mean little.")
        }
        if parts.contains(where: \.bundle.manifest.provenance.needsFineTuning) {
            notes.append("A decoder was never fine-tuned; its images mean nothing.")
        }
        return notes
    }

    private func provenance(
        _ fitting: ImageFitting,
        _ penalties: [Baseline: [Double]]
    ) throws -> [EvaluationReport.Section] {
        let chosen = Baseline.allCases.compactMap { baseline -> (String, String)? in
            guard let values = penalties[baseline], let low = values.min(), let high = values.max() else { return nil }
            let text = String(format: low == high ? "%.4g" : "%.4g to %.4g", low, high)
            return ("Penalty of \(baseline.title.lowercased())", text)
        }
        let files = try EvaluationFiles.digests(of: argument)
        return parts.enumerated().map { number, part in
            part.provenance(title: isCrossValidated ? "Decoder of fold \(number + 1)" : "Decoder")
        } + [
            .init(title: "Data", [("Kind", String(argument.prefix { $0 != ":" }))] + files),
            .init(
                title: "Decoding",
                [
                    ("Sampler", settings.method.rawValue), ("Steps", String(settings.steps)),
                    ("Samples per pattern", String(settings.samples)), ("Seed", String(settings.seed)),
                    (
                        "Images",
                        "\(fitting.modelSize)×\(fitting.modelSize), compared at \(fitting.side)×\(fitting.side)"
                    ),
                ] + chosen
            ),
        ]
    }
}
