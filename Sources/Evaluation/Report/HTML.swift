/// Text of a page.
enum HTML {
    /// A text with what HTML reserves written otherwise.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }

    /// A list.
    static func list(_ lines: [String]) -> String {
        lines.isEmpty ? "" : "<ul>\n" + lines.map { "<li>\(escaped($0))</li>\n" }.joined() + "</ul>\n"
    }

    /// A table of cells that are HTML already; the first of each row is its heading.
    static func table(_ heading: [String], _ rows: [[String]], kind: String) -> String {
        var text = "<table class=\"\(kind)\">\n<thead><tr>"
        text += heading.map { "<th scope=\"col\">\($0)</th>" }.joined() + "</tr></thead>\n<tbody>\n"
        for row in rows {
            let cells = row.dropFirst().map { "<td>\($0)</td>" }.joined()
            text += "<tr><th scope=\"row\">\(row.first ?? "")</th>\(cells)</tr>\n"
        }
        return text + "</tbody>\n</table>\n"
    }

    /// The rules of the page's looks: black on white, for screen and print.
    static let style = """
        :root { color-scheme: light; }
        body { font: 15px/1.45 system-ui, "Liberation Sans", Arial, sans-serif; color: #1c1c1c; background: #fff;
          max-width: 1180px; margin: 2rem auto; padding: 0 1.25rem; }
        h1 { font-size: 1.7rem; margin: 0 0 .2rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem;
          border-bottom: 1px solid #ccc; padding-bottom: .2rem; }
        p.about, p.caption { color: #555; margin: .2rem 0 .8rem; } p.caption { font-size: .88rem; }
        ul { margin: .4rem 0 .8rem; padding-left: 1.3rem; } li { margin: .15rem 0; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .4rem 0 .8rem; }
        th, td { padding: .28rem .45rem; text-align: right; vertical-align: top; border-bottom: 1px solid #e4e4e4; }
        thead th { border-bottom: 1.5px solid #777; vertical-align: bottom; font-size: .88rem; }
        tbody th { text-align: left; font-weight: 500; } thead th:first-child { text-align: left; }
        td small, th small { display: block; color: #666; font-weight: 400; font-size: .78rem; }
        table.scores small { white-space: nowrap; } table.scores tbody th { min-width: 9.5rem; }
        tr.subject th, tr.subject td { background: #eef5fb; }
        table.images td, table.images th { padding: 3px; border: 0; text-align: center; vertical-align: middle;
          font-size: .8rem; } table.images tbody th { text-align: left; padding-right: .7rem; white-space: nowrap; }
        table.images thead th { max-width: 104px; }
        table.images img { width: 96px; display: block; image-rendering: pixelated; border: 1px solid #ddd; }
        table.facts td { text-align: left; overflow-wrap: anywhere; } table.facts th { white-space: nowrap; }
        table.items { font-size: .85rem; } img.chart { width: 100%; height: auto; }
        @media print { body { margin: 0; max-width: none; font-size: 10pt; } h2 { break-after: avoid; }
          tr, img { break-inside: avoid; } .scroll { overflow: visible; } table.images img { width: 15mm; }
          table { font-size: 8pt; } }
        """
}
