import Yams

/// Turns nodes into settings and notes everything that is wrong on the way.
final class SettingsReader {
    /// The file, as problems name it.
    let file: String
    /// The folder that relative paths start from.
    let folder: String
    /// What was wrong so far.
    private(set) var problems: [SettingsError.Problem] = []
    /// Where keys and their values are.
    private var places: [String: Mark] = [:]

    init(file: String, folder: String) { (self.file, self.folder) = (file, folder) }

    /// Reads the fields of a mapping into a value; unknown and missing keys are problems.
    func read<Root>(_ fields: [SettingsField<Root>], of node: Node?, into root: inout Root, at path: String) {
        guard let node else { return noteMissing(fields, seen: [], at: path) }
        places[path] = places[path] ?? node.mark
        if Self.isEmpty(node) { return noteMissing(fields, seen: [], at: path) }
        guard case .mapping(let mapping) = node else {
            report(node, path, "expected keys with values, found \(Self.describe(node))")
            return
        }
        var seen: Set<String> = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                report(key, path, "expected a key, found \(Self.describe(key))")
                continue
            }
            let name = scalar.string
            if SettingsDocument.isHidden(name) { continue }
            let full = path.isEmpty ? name : "\(path).\(name)"
            guard let field = fields.first(where: { $0.key == name }) else {
                report(key, full, "unknown key; \(Self.suggestion(for: name, among: fields.map(\.key)))")
                continue
            }
            seen.insert(name)
            places[full] = value.mark ?? key.mark
            field.read(&root, value, full, self)
        }
        noteMissing(fields, seen: seen, at: path)
    }

    private func noteMissing<Root>(_ fields: [SettingsField<Root>], seen: Set<String>, at path: String) {
        for field in fields where field.isRequired && !seen.contains(field.key) {
            report(path.isEmpty ? field.key : "\(path).\(field.key)", "is missing; add it")
        }
    }

    /// Notes a problem at a node.
    func report(_ node: Node, _ key: String, _ detail: String) { note(node.mark, key, detail) }

    /// Notes a problem at a key's value, or at the section that should have it.
    func report(_ key: String, _ detail: String) {
        var path = key
        while places[path] == nil, let dot = path.lastIndex(of: ".") { path = String(path[..<dot]) }
        note(places[path] ?? places[""], key, detail)
    }

    private func note(_ mark: Mark?, _ key: String, _ detail: String) {
        problems.append(
            SettingsError.Problem(
                file: file,
                line: mark?.line ?? 1,
                column: mark?.column ?? 1,
                key: key,
                detail: detail
            )
        )
    }

    /// The path of a file, from the folder of the settings if it is relative.
    func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }

    /// Whether a node says nothing: `key:`, `key: ~` or `key: null`.
    static func isEmpty(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// What a node is, in a few words.
    static func describe(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar):
            if isEmpty(node) { return "nothing" }
            let text = scalar.string.map { $0.isNewline ? " " : String($0) }.joined()
            return text.count > 40 ? "\"\(text.prefix(40))…\"" : "\"\(text)\""
        case .mapping: return "keys with values"
        case .sequence: return "a list"
        case .alias: return "an alias"
        }
    }

    private static func suggestion(for name: String, among keys: [String]) -> String {
        let best = keys.map { (key: $0, distance: EditDistance.between(name, $0)) }.min { $0.distance < $1.distance }
        if let best, best.distance <= max(1, min(name.count, best.key.count) / 3) { return "did you mean \(best.key)?" }
        return "known here: \(keys.joined(separator: ", "))"
    }
}
