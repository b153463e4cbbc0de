import Foundation
import Images

/// The page of a report: one file that needs no other, without scripts.
struct ReportPage {
    let report: EvaluationReport
    let images: ReportImages

    /// The largest number of items whose images are in the page.
    static let shownItems = 60

    /// The page as HTML.
    func html() throws -> String {
        let date = ISO8601DateFormatter().string(from: report.createdAt)
        var page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        page += "<title>\(HTML.escaped(report.title))</title>\n<style>\n\(HTML.style)\n</style>\n</head>\n<body>\n"
        page += "<h1>\(HTML.escaped(report.title))</h1>\n"
        page += "<p class=\"about\">\(HTML.escaped("\(report.program), \(date)"))</p>\n"
        page += section("Result", HTML.list(report.summary))
        page += section("What this rests on", HTML.list(report.statements + report.notes))
        page += section("Scores", scores())
        page += section("Differences", differences())
        page += section("Charts", try charts())
        page += section("Quality against steps", try samplers())
        page += section("Images", try imageTable())
        page += section("Items", items())
        page += section("Provenance", report.provenance.map(facts).joined())
        page += section("Definitions", definitions())
        return page + "</body>\n</html>\n"
    }

    private func section(_ title: String, _ content: String) -> String {
        content.isEmpty ? "" : "<h2>\(title)</h2>\n\(content)"
    }

    private func caption(_ text: String) -> String { "<p class=\"caption\">\(HTML.escaped(text))</p>\n" }

    private func scores() -> String {
        let quantities = report.quantities
        let heading = ["Method"] + quantities.map { HTML.escaped($0.title) }
        let rows = report.evaluation.methods.map { method in
            [HTML.escaped(method.title)]
                + quantities.map { quantity in method[quantity].map { cell($0, quantity) } ?? "–" }
        }
        let chance = quantities.map { quantity in
            report.evaluation.subject?[quantity]?.chance.map { ReportNumber.text($0, quantity) } ?? "–"
        }
        let table = HTML.table(heading, rows + [["Chance"] + chance], kind: "scores")
        return "<div class=\"scroll\">\(emphasized(table))</div>\n"
            + caption(
                "Means over \(report.items.count) items; below each the 95 % interval of \(report.options.resamples) "
                    + "resamples of items, for \"first of all\" the exact one of Clopper and Pearson. Chance is that "
                    + "of the method in the first row: of correlation, error and similarity the mean with originals "
                    + "that are not the item's own. p is the share of \(report.options.permutations) random orders of "
                    + "the originals that score as well."
            )
    }

    private func cell(_ score: Score, _ quantity: Quantity) -> String {
        var text = ReportNumber.text(score.value, quantity)
        if let interval = score.exactInterval ?? score.interval {
            text += "<small>\(ReportNumber.bracketed(interval, quantity))</small>"
        }
        if let probability = score.probability {
            text += "<small>p \(HTML.escaped(ReportNumber.probability(probability)))</small>"
        }
        return text
    }

    /// Marks the rows of what is evaluated.
    private func emphasized(_ table: String) -> String {
        report.evaluation.methods.filter(\.isSubject).reduce(table) { table, method in
            let row = "<tr><th scope=\"row\">\(HTML.escaped(method.title))</th>"
            return table.replacingOccurrences(of: row, with: "<tr class=\"subject\">" + row.dropFirst("<tr>".count))
        }
    }

    private func differences() -> String {
        let comparisons = report.evaluation.comparisons
        guard let subject = report.evaluation.subject, !comparisons.isEmpty else { return "" }
        let quantities = report.quantities
        let rows = report.evaluation.methods.filter { $0.identifier != subject.identifier }.map { method in
            [HTML.escaped(method.title)]
                + quantities.map { quantity in
                    let found = comparisons.first { $0.baseline == method.identifier && $0.quantity == quantity }
                    guard let found else { return "–" }
                    let interval = found.interval.map {
                        "<small>\(ReportNumber.bracketed($0, quantity, signed: true))</small>"
                    }
                    let probability = HTML.escaped(ReportNumber.probability(found.probability))
                    return ReportNumber.text(found.difference, quantity, signed: true) + (interval ?? "")
                        + "<small>p \(probability)</small>"
                }
        }
        let table = HTML.table(
            ["\(HTML.escaped(subject.title)) less …"] + quantities.map { HTML.escaped($0.title) },
            rows,
            kind: "scores"
        )
        return "<div class=\"scroll\">\(table)</div>\n"
            + caption(
                "Differences on the same items with 95 % intervals from the same resamples. p is two-sided: how often "
                    + "random signs of the items' differences give one as large. No correction for the number of "
                    + "comparisons."
            )
    }

    private func charts() throws -> String {
        let charts = ReportCharts(report: report)
        var text = chart(try ReportImages.dataURI(charts.intervals()), "All methods with 95 % intervals")
        if let shuffled = charts.shuffled() {
            text += chart(try ReportImages.dataURI(shuffled), "Correlation with originals in random order")
        }
        return text
    }

    private func samplers() throws -> String {
        guard let rows = report.samplers, let reference = rows.first,
            let image = ReportCharts(report: report).samplers()
        else { return "" }
        let quantities = report.quantities.filter { reference[$0] != nil }
        let cells = rows.map { row in
            [HTML.escaped(row.sampler), "\(row.steps)", String(format: "%.1f", 1000 * row.secondsPerImage)]
                + quantities.map { quantity in
                    guard let score = row[quantity] else { return "–" }
                    let change = row.change(from: reference, in: quantity).map {
                        "<small>\(ReportNumber.percent($0))</small>"
                    }
                    return ReportNumber.text(score.value, quantity) + (row == reference ? "" : change ?? "")
                }
        }
        let heading = ["Sampler", "Steps", "Time per image, ms"] + quantities.map { HTML.escaped($0.title) }
        return "<div class=\"scroll\">\(HTML.table(heading, cells, kind: "scores"))</div>\n"
            + chart(try ReportImages.dataURI(image), "Quality against sampler steps")
            + caption(
                "Means over the items, the estimate being the mean of all samples; below each the change from the first row. "
                    + "Times are those of this evaluation, several images at a time; on a busy machine they mean little."
            )
    }

    private func chart(_ source: String, _ text: String) -> String {
        "<img class=\"chart\" src=\"\(source)\" alt=\"\(HTML.escaped(text))\">\n"
    }

    private func imageTable() throws -> String {
        let shown = Self.evenlySpaced(images.count, atMost: Self.shownItems)
        let rows = try shown.map { item in
            [itemHeading(item)]
                + (try images.columns.map { column in
                    let source = try ReportImages.dataURI(column.images[item])
                    let text = HTML.escaped("\(column.title), \(report.items[item].name)")
                    return "<img src=\"\(source)\" alt=\"\(text)\">"
                })
        }
        let heading = ["Item"] + images.columns.map { HTML.escaped($0.title) }
        let text = "<div class=\"scroll\">\(HTML.table(heading, rows, kind: "images"))</div>\n"
        guard shown.count < images.count else { return text }
        return text + caption("\(shown.count) of \(images.count) items, evenly spaced in their order, not chosen.")
    }

    static func evenlySpaced(_ count: Int, atMost limit: Int) -> [Int] {
        count <= limit ? Array(0..<count) : (0..<limit).map { $0 * count / limit }
    }

    private func itemHeading(_ item: Int) -> String {
        let described = report.items[item]
        let kind = described.className.map { "<small>\(HTML.escaped($0))</small>" } ?? ""
        return HTML.escaped(described.name) + kind
    }

    private func items() -> String {
        guard let subject = report.evaluation.subject else { return "" }
        let others = report.evaluation.methods.filter { !$0.isSubject }
        let best = others.max { ($0[.correlation]?.value ?? -1) < ($1[.correlation]?.value ?? -1) }
        let own: [Quantity] = [
            .correlation, .squaredError, .structuralSimilarity, .identification, .identificationWithinClass,
            .firstOfAll, .semantic50,
        ]
        var columns = [(method: subject, quantities: own.filter { subject[$0] != nil }, heading: "")]
        if let best { columns.append((best, [.correlation, .squaredError], "best baseline")) }
        let heading =
            ["Item"]
            + columns.flatMap { column in
                column.quantities.map { "\(HTML.escaped($0.title))<small>\(column.heading)</small>" }
            }
        let rows = report.items.indices.map { item in
            [itemHeading(item)]
                + columns.flatMap { method, quantities, _ in
                    quantities.map { quantity in
                        guard let score = method[quantity], score.items.indices.contains(item),
                            let value = score.items[item]
                        else { return "–" }
                        return ReportNumber.text(value, quantity)
                    }
                }
        }
        let about = best.map { "; best baseline: \($0.title.prefix(1).lowercased() + $0.title.dropFirst())" } ?? ""
        return "<div class=\"scroll\">\(HTML.table(heading, rows, kind: "items"))</div>\n"
            + caption(subject.title + about + ". All values of all methods are in metrics.json.")
    }

    private func facts(_ section: EvaluationReport.Section) -> String {
        let rows = section.entries.map { [HTML.escaped($0.name), HTML.escaped($0.value)] }
        return HTML.table([HTML.escaped(section.title), ""], rows, kind: "facts")
    }

    private func definitions() -> String {
        let rows = report.quantities.map { [HTML.escaped($0.title), HTML.escaped($0.definition)] }
        return HTML.table(["Quantity", ""], rows, kind: "facts")
    }
}
