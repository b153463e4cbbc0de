import Foundation
import Images
import Tensors
import Testing

@testable import Evaluation

@Suite("An evaluation")
struct EvaluatorTests {
    private static let count = 12

    /// Noise images, and reconstructions that are them with more noise.
    private static func noisy(_ originals: [Image8], _ amount: Float, seed: UInt64) -> [FloatImage] {
        var numbers = RandomNumbers(seed: seed)
        return originals.map { original in
            var image = FloatImage(original)
            let noise = numbers.normal([image.values.count]).elements
            for index in image.values.indices { image.values[index] += amount * noise[index] }
            return image.clamped
        }
    }

    private let items: EvaluationItems
    private let methods: [Reconstructions]
    private var options = Evaluator.Options()

    init() {
        var numbers = RandomNumbers(seed: 1)
        let originals = (0..<Self.count).map { _ in
            Image8(height: 10, width: 10, bytes: (0..<300).map { _ in UInt8(numbers.integer(below: 256)) })
        }
        items = EvaluationItems(
            names: originals.indices.map { "item <\($0)>" },
            originals: originals,
            classes: originals.indices.map { $0 % 2 },
            classNames: ["six & six", "nine"]
        )
        let samples = (0..<3).map { Self.noisy(originals, 0.6, seed: UInt64(10 + $0)) }
        let single = Reconstructions(identifier: "samples", title: "Samples", isSubject: true, samples: samples)
        methods = [
            Reconstructions(identifier: "mean", title: "Mean of samples", isSubject: true, samples: [single.means]),
            single,
            Reconstructions(identifier: "poor", title: "Poor", samples: [Self.noisy(originals, 3, seed: 5)]),
        ]
        (options.resamples, options.permutations) = (300, 300)
    }

    @Test("measures what the metrics say, item by item")
    func values() throws {
        let evaluation = try Evaluator(items: items, options: options).evaluate(methods)
        let found = try #require(evaluation.methods[1][.correlation])
        let originals = items.originals.map { FloatImage($0) }
        for item in 0..<Self.count {
            let expected = try methods[1].samples.reduce(0) {
                $0 + (try PixelMetrics.correlation($1[item], originals[item])) / 3
            }
            #expect(abs(try #require(found.items[item]) - expected) < 1e-9)
        }
        let mean = found.items.reduce(0) { $0 + ($1 ?? 0) } / Double(Self.count)
        #expect(abs(found.value - mean) < 1e-12)
        #expect(Set(evaluation.methods[0].scores.map(\.quantity)).count == 8)
        let similarity = try #require(evaluation.methods[0][.structuralSimilarity])
        let expected = try StructuralSimilarity.index(methods[0].samples[0][2], originals[2])
        #expect(abs(try #require(similarity.items[2]) - expected) < 1e-9)
    }

    @Test("knows chance, and that the mean of samples is better than one sample and both than a poor method")
    func comparisons() throws {
        let evaluation = try Evaluator(items: items, options: options).evaluate(methods)
        let subject = try #require(evaluation.subject)
        #expect(subject[.identification]?.chance == 0.5 && subject[.firstOfAll]?.chance == 1 / 12)
        let score = try #require(subject[.correlation])
        // Noise images do not correlate with each other.
        #expect(abs(try #require(score.chance)) < 0.05)
        #expect(try #require(score.probability) < 0.01)
        let interval = try #require(score.interval)
        #expect(interval.lower < score.value && score.value < interval.upper)
        for baseline in ["samples", "poor"] {
            let found = try #require(
                evaluation.comparisons.first { $0.baseline == baseline && $0.quantity == .correlation }
            )
            #expect(found.difference > 0 && found.probability < 0.01)
            #expect(try #require(found.interval).lower > 0)
        }
        let first = try #require(subject[.firstOfAll])
        #expect(first.exactInterval != nil && first.value == 1)
    }

    @Test("of the same things with the same seed is the same, and another seed moves the intervals a little")
    func reproducible() throws {
        let first = try Evaluator(items: items, options: options).evaluate(methods)
        #expect(try Evaluator(items: items, options: options).evaluate(methods) == first)
        var other = options
        other.seed = 1
        let moved = try Evaluator(items: items, options: other).evaluate(methods)
        #expect(moved.methods[0].scores.map(\.value) == first.methods[0].scores.map(\.value))
        #expect(moved.methods[0].scores.map(\.interval) != first.methods[0].scores.map(\.interval))
    }

    @Test("leaves similarities of all pairs out where they are too many, not those of the items")
    func limit() throws {
        var few = options
        few.similarityLimit = 10
        let scores = try Evaluator(items: items, options: few).evaluate(methods).methods[0]
        #expect(scores[.identificationBySimilarity] == nil)
        #expect(scores[.structuralSimilarity]?.value != nil)
    }

    @Test("compares within groups only, as if each were evaluated alone")
    func groups() throws {
        let groups = (0..<Self.count).map { $0 < 5 ? 0 : 1 }
        let grouped = EvaluationItems(
            names: items.names,
            originals: items.originals,
            classes: items.classes,
            groups: groups
        )
        let method = methods[2]
        let together = try Evaluator(items: grouped, options: options).evaluate([method]).methods[0]
        for group in 0...1 {
            let rows = groups.indices.filter { groups[$0] == group }
            let part = EvaluationItems(
                names: rows.map { items.names[$0] },
                originals: rows.map { items.originals[$0] },
                classes: rows.map { $0 % 2 }
            )
            let images = rows.map { method.samples[0][$0] }
            let alone = try Evaluator(items: part, options: options)
                .evaluate([Reconstructions(identifier: "part", title: "Part", samples: [images])]).methods[0]
            for quantity in [Quantity.identification, .identificationByError, .identificationWithinClass] {
                let (whole, single) = (try #require(together[quantity]), try #require(alone[quantity]))
                #expect(rows.map { whole.items[$0] } == single.items)
            }
        }
    }

    @Test("takes equal images for one original")
    func copies() {
        let image = items.originals[0]
        let items = EvaluationItems(names: ["a", "b", "c"], originals: [image, self.items.originals[1], image])
        #expect(items.identities == [0, 1, 0])
    }

    @Test("is written as a page that needs no other file, and as numbers that can be read back")
    func report() throws {
        let evaluation = try Evaluator(items: items, options: options).evaluate(methods)
        let report = EvaluationReport(
            title: "Noise & <tests>",
            program: "a test",
            createdAt: Date(),
            statements: ["12 items."],
            items: items,
            evaluation: evaluation,
            options: options,
            provenance: [.init(title: "Data", [("File", "a \"quoted\" name")])]
        )
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let images = ReportImages(items: items, methods: methods)
        let files = try report.write(to: folder, images: images)
        #expect(files.map(\.lastPathComponent) == ["report.html", "metrics.json", "contact-sheet-1.png"])
        let page = try String(contentsOf: files[0], encoding: .utf8)
        for absent in ["<script", "http://", "https://", "<tests>", "item <0>"] { #expect(!page.contains(absent)) }
        #expect(page.contains("Noise &amp; &lt;tests&gt;") && page.contains("six &amp; six"))
        // Seen, the mean, three samples and a baseline for each item, and two charts.
        #expect(page.components(separatedBy: "data:image/png;base64,").count - 1 == 6 * Self.count + 2)
        var read = try EvaluationReport(encoded: Data(contentsOf: files[1]))
        read.evaluation.shuffledCorrelations = report.evaluation.shuffledCorrelations
        #expect(read == report)
        let sheet = try PNG.read(files[2])
        #expect(sheet.width == 6 * 90 + 5 * 6 && sheet.height == Self.count * 90 + (Self.count - 1) * 6)
        #expect(report.summary.contains { $0.hasPrefix("Mean of samples: pixel correlation") })
    }

    @Test("A report that cannot be written says so")
    func unwritable() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let evaluation = try Evaluator(items: items, options: options).evaluate([methods[2]])
        #expect(evaluation.comparisons.isEmpty && evaluation.subject == nil)
        let report = EvaluationReport(
            title: "x",
            program: "x",
            createdAt: Date(),
            statements: [],
            items: items,
            evaluation: evaluation,
            options: options,
            provenance: []
        )
        #expect(throws: ReportError.self) {
            try report.write(to: file, images: ReportImages(items: items, methods: methods))
        }
    }
}
