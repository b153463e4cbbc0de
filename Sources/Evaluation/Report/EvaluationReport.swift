import Foundation

/// All numbers of an evaluation and what they rest on: the file `metrics.json`.
public struct EvaluationReport: Sendable, Equatable, Codable {
    /// What the file calls itself.
    public static let format = "percept evaluation"

    /// Always ``format``.
    public var format = Self.format
    /// The version of the format.
    public var version = 1
    /// What was evaluated.
    public var title: String
    /// The program and its version.
    public var program: String
    /// When, in UTC.
    public var createdAt: Date
    /// What the numbers rest on, in sentences: which data, how much of it, and what was chosen by it.
    public var statements: [String]
    /// What a reader should know: what is missing, what is unusual.
    public var notes: [String]
    /// The items, in order.
    public var items: [Item]
    /// The scores and comparisons.
    public var evaluation: Evaluator.Evaluation
    /// The Fréchet distance between features of reconstructions and originals, where features were given.
    public var frechetDistance: Double?
    /// Samplers and numbers of steps beside each other, if they were compared; the first is what others are compared with.
    public var samplers: [SamplerScores]?
    /// How intervals and chance levels were found.
    public var options: Evaluator.Options
    /// Where everything comes from.
    public var provenance: [Section]

    /// An item.
    public struct Item: Sendable, Equatable, Codable {
        /// Its name.
        public var name: String
        /// The name of its class, if there are classes.
        public var className: String?

        /// Describes an item.
        public init(name: String, className: String? = nil) {
            (self.name, self.className) = (name, className)
        }
    }

    /// A part of the provenance.
    public struct Section: Sendable, Equatable, Codable {
        /// The heading.
        public var title: String
        /// What is known, in order.
        public var entries: [Entry]

        /// A name and what it stands for.
        public struct Entry: Sendable, Equatable, Codable {
            /// The name.
            public var name: String
            /// The value.
            public var value: String
        }

        /// Describes a part.
        public init(title: String, _ entries: [(name: String, value: String)]) {
            self.title = title
            self.entries = entries.map { Entry(name: $0.name, value: $0.value) }
        }
    }

    /// Collects what a report says.
    public init(
        title: String,
        program: String,
        createdAt: Date,
        statements: [String],
        notes: [String] = [],
        items: EvaluationItems,
        evaluation: Evaluator.Evaluation,
        options: Evaluator.Options,
        provenance: [Section]
    ) {
        self.title = title
        self.program = program
        // Whole seconds, as the file has them.
        self.createdAt = Date(timeIntervalSince1970: createdAt.timeIntervalSince1970.rounded())
        self.statements = statements
        self.notes = notes
        self.items = items.names.indices.map { Item(name: items.names[$0], className: items.className($0)) }
        self.evaluation = evaluation
        self.options = options
        self.provenance = provenance
    }

    /// What was found, in sentences.
    public var summary: [String] { ReportText(report: self).summary }

    /// The comparison of samplers as lines of text; none if they were not compared.
    public var samplerTable: [String] { ReportText(report: self).samplerTable }

    /// The JSON of `metrics.json`.
    public func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self)
    }

    /// Reads `metrics.json`.
    public init(encoded data: Data) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        self = try decoder.decode(Self.self, from: data)
    }

    /// The quantities that any method has, in the order of tables.
    var quantities: [Quantity] {
        Quantity.allCases.filter { quantity in evaluation.methods.contains { $0[quantity] != nil } }
    }
}

/// Numbers as reports write them.
enum ReportNumber {
    /// A value of a quantity.
    static func text(_ value: Double, _ quantity: Quantity, signed: Bool = false) -> String {
        guard value.isFinite else { return "–" }
        let digits = quantity == .squaredError ? 4 : 3
        // A rounded value of 0 has no sign.
        let scale = pow(10, Double(digits))
        let rounded = (value * scale).rounded() / scale
        let text = String(format: "%.\(digits)f", abs(rounded))
        if rounded < 0 { return "−" + text }
        return signed && rounded > 0 ? "+" + text : text
    }

    /// An interval of a quantity, for tables.
    static func bracketed(_ interval: Interval, _ quantity: Quantity, signed: Bool = false) -> String {
        "[\(text(interval.lower, quantity, signed: signed)), \(text(interval.upper, quantity, signed: signed))]"
    }

    /// An interval of a quantity, for sentences.
    static func text(_ interval: Interval, _ quantity: Quantity, signed: Bool = false) -> String {
        "\(text(interval.lower, quantity, signed: signed)) to \(text(interval.upper, quantity, signed: signed))"
    }

    /// A change, in per cent with its sign.
    static func percent(_ change: Double) -> String {
        guard change.isFinite else { return "–" }
        let text = String(format: "%.1f %%", abs(change) * 100)
        return (change < 0 && text != "0.0 %" ? "−" : "+") + text
    }

    /// A probability.
    static func probability(_ value: Double) -> String {
        value < 0.001 ? "< 0.001" : String(format: "%.3f", value)
    }
}
