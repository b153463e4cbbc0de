import Evaluation
import Foundation
import Tensors

/// What is evaluated, whichever way its images were made.
struct EvaluationSubject {
    var title: String
    var items: EvaluationItems
    /// The subject first.
    var methods: [Reconstructions]
    var statements: [String]
    var notes: [String]
    var provenance: [EvaluationReport.Section]
}

/// Scores a subject and makes its report.
struct EvaluationRun {
    let subject: EvaluationSubject
    let options: Evaluator.Options
    let classifier: SemanticClassifier?
    let distance: Double?

    func report() throws -> (report: EvaluationReport, images: ReportImages) {
        var notes = subject.notes
        let semantic = classifier.map(semantic) ?? [:]
        if classifier == nil {
            notes.append("The n-way semantic accuracy is missing: it needs the weights of a classifier (--classifier).")
        }
        StandardError.write("percept: scoring \(subject.items.count) items\n")
        let evaluation = try Evaluator(items: subject.items, options: options)
            .evaluate(subject.methods, semantic: semantic)
        var report = EvaluationReport(
            title: subject.title,
            program: Percept.creator,
            createdAt: Date(),
            statements: subject.statements,
            notes: notes,
            items: subject.items,
            evaluation: evaluation,
            options: options,
            provenance: subject.provenance + (classifier.map { [Self.section($0)] } ?? []) + [machine]
        )
        report.frechetDistance = distance
        return (report, ReportImages(items: subject.items, methods: subject.methods))
    }

    /// The spec's samples per item for the classifier, which takes seconds per image.
    private static let classifiedSamples = 5

    private func semantic(_ classifier: SemanticClassifier) -> [String: [Quantity: [Double]]] {
        let samples = subject.methods.map { Array($0.samples.prefix(Self.classifiedSamples)) }
        let total = subject.items.count * (1 + samples.reduce(0) { $0 + $1.count })
        let progress = ProgressLine("classify", unit: "images", total: total)
        var done = 0
        func advance() {
            done += 1
            progress.update(done)
        }
        let targets = subject.items.originals.map { original in
            defer { advance() }
            return classifier.target(of: original)
        }
        var result: [String: [Quantity: [Double]]] = [:]
        for (method, samples) in zip(subject.methods, samples) {
            result[method.identifier] = classifier.accuracies(samples, targets: targets, progress: advance)
        }
        return result
    }

    private static func section(_ classifier: SemanticClassifier) -> EvaluationReport.Section {
        let sizes = classifier.configuration
        return .init(
            title: "Classifier",
            [
                ("File", URL(fileURLWithPath: classifier.path).lastPathComponent),
                (
                    "Network",
                    "vision transformer, \(sizes.depth) layers of width \(sizes.width), patches of \(sizes.patchSize), "
                        + "images of \(sizes.imageSize), \(sizes.classes) classes"
                ),
                ("Samples per item", "at most \(classifiedSamples)"),
            ]
        )
    }

    private var machine: EvaluationReport.Section {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = text.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
        let processors = ProcessInfo.processInfo.activeProcessorCount
        return .init(
            title: "Evaluation",
            [
                ("Program", Percept.creator),
                ("Seed of resampling", String(options.seed)),
                ("Resamples", String(options.resamples)),
                ("Random orders", String(options.permutations)),
                ("Processor", (model ?? "unknown").trimmingCharacters(in: .whitespaces)),
                ("Processors", "\(processors), \(Engine.current.threads) threads used"),
                ("Instructions", Engine.current.instructionSet.rawValue),
            ]
        )
    }
}
