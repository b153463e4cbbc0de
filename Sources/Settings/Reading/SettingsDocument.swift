import Foundation
import Yams

/// A YAML text as nodes, after everything that could exhaust time or memory was refused.
struct SettingsDocument {
    /// The top of the document; nil if it is empty.
    let root: Node?
    /// Keys that come a second time, and what the parser cannot read.
    private(set) var problems: [SettingsError.Problem] = []

    /// A settings file nests three deep.
    private static let deepestColumn = 64
    private static let mostBrackets = 256
    private static let mostReferences = 16
    /// A key that repeats another is renamed to characters that no key has, so that reading goes on.
    private static let renamed: Unicode.Scalar = "\u{E000}"

    /// Reads a document.
    init(_ text: String, file: String) {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        if let problem = Self.excess(in: lines, file: file) {
            (root, problems) = (nil, [problem])
            return
        }
        while true {
            do {
                let parser = try Parser(yaml: lines.joined(separator: "\n"), encoding: .utf8)
                // Anchors are only known while their parser lives.
                let top = try parser.singleRoot()
                if let top { Self.findAnchors(in: top, file: file, &problems) }
                withExtendedLifetime(parser) {}
                root = top
                return
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let first = context.mark
                let key = keys.first ?? ""
                let second = Self.hideRepetition(of: key, at: first, in: &lines)
                problems.append(
                    SettingsError.Problem(
                        file: file,
                        line: second ?? first.line,
                        column: first.column,
                        key: "",
                        detail: "\"\(key)\" is there twice; keep one"
                    )
                )
                guard second == nil else { continue }
            } catch {
                problems.append(Self.problem(of: error, file: file))
            }
            root = nil
            return
        }
    }

    /// Whether a key was renamed because it repeats another.
    static func isHidden(_ key: String) -> Bool { key.unicodeScalars.first == renamed }

    /// Renames the first repetition of a key below its first place; returns its line.
    private static func hideRepetition(of key: String, at first: Mark, in lines: inout [String]) -> Int? {
        guard !key.isEmpty, first.line >= 1, first.line < lines.count else { return nil }
        for index in first.line..<lines.count {
            let scalars = Array(lines[index].unicodeScalars)
            let start = first.column - 1
            guard scalars.count > start, scalars[..<start].allSatisfy({ $0 == " " }) else { continue }
            let rest = String(String.UnicodeScalarView(scalars[start...]))
            guard rest.hasPrefix(key), rest.dropFirst(key.count).first.map({ $0 == ":" || $0 == " " }) == true else {
                continue
            }
            var hidden = String.UnicodeScalarView(scalars[..<start])
            // The line's number keeps several repetitions apart.
            hidden.append(renamed)
            hidden.append(contentsOf: "\(index)".unicodeScalars)
            hidden.append(contentsOf: rest.dropFirst(key.count).unicodeScalars)
            lines[index] = String(hidden)
            return index + 1
        }
        return nil
    }

    /// What nests so deeply, or refers so often to other places, that the parser must not see it.
    private static func excess(in lines: [String], file: String) -> SettingsError.Problem? {
        var (brackets, references) = (0, 0)
        for (index, line) in lines.enumerated() {
            func problem(_ detail: String) -> SettingsError.Problem {
                SettingsError.Problem(file: file, line: index + 1, column: 1, key: "", detail: detail)
            }
            let bytes = Array(line.utf8)
            let start = bytes.firstIndex { !" \t-?:".utf8.contains($0) } ?? bytes.count
            if start < bytes.count, bytes[start] == UInt8(ascii: "#") { continue }
            if start > deepestColumn { return problem("is nested too deeply for settings") }
            for byte in bytes {
                brackets += "[{".utf8.contains(byte) ? 1 : 0
                references += "&*".utf8.contains(byte) ? 1 : 0
            }
            if brackets > mostBrackets { return problem("has too many lists and mappings in brackets for settings") }
            if references > mostReferences { return problem("has too many & and * for settings") }
        }
        return nil
    }

    /// Notes every anchor, and so every alias, which Yams has replaced by what it refers to.
    private static func findAnchors(in node: Node, file: String, _ problems: inout [SettingsError.Problem]) {
        if node.anchor != nil {
            let (line, column) = (node.mark?.line ?? 1, node.mark?.column ?? 1)
            let problem = SettingsError.Problem(
                file: file,
                line: line,
                column: column,
                key: "",
                detail: "anchors (&) and aliases (*) are not for settings; write the value at each place"
            )
            if !problems.contains(problem) { problems.append(problem) }
        }
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                findAnchors(in: key, file: file, &problems)
                findAnchors(in: value, file: file, &problems)
            }
        case .sequence(let sequence): for element in sequence { findAnchors(in: element, file: file, &problems) }
        case .scalar, .alias: break
        }
    }

    private static func problem(of error: any Error, file: String) -> SettingsError.Problem {
        let (line, column, detail): (Int, Int, String) =
            switch error {
            case YamlError.scanner(let context, let problem, let mark, _),
                YamlError.parser(let context, let problem, let mark, _),
                YamlError.composer(let context, let problem, let mark, _):
                (mark.line, mark.column, context.map { "\($0.text), \(problem)" } ?? problem)
            case YamlError.reader(let problem, let offset, _, let yaml): Self.place(at: offset ?? 0, in: yaml, problem)
            default: (1, 1, "\(error)")
            }
        return SettingsError.Problem(
            file: file,
            line: line,
            column: column,
            key: "",
            detail: "is no YAML: \(detail); check indentation, colons and quotes here and in the line above"
        )
    }

    private static func place(at offset: Int, in text: String, _ problem: String) -> (Int, Int, String) {
        let lines = text.prefix(offset).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return (max(lines.count, 1), (lines.last?.count ?? 0) + 1, problem)
    }
}
