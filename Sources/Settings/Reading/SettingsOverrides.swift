import Foundation

/// Values from the command line that take the place of a file's.
enum SettingsOverrides {
    /// Sets one value, as `key.key=value`; returns what is wrong with it.
    ///
    /// - Parameters:
    ///   - override: The key and its value.
    ///   - fields: The keys that there are.
    ///   - fixed: Keys that only the file can set.
    ///   - root: What the value is set in.
    static func apply<Root>(
        _ override: String,
        _ fields: [SettingsField<Root>],
        fixed: Set<String> = [],
        to root: inout Root
    ) -> [SettingsError.Problem] {
        func problem(_ detail: String) -> [SettingsError.Problem] {
            [.init(file: "--set", line: 0, column: 0, key: override, detail: detail)]
        }
        let parts = override.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else { return problem("write KEY.KEY=VALUE") }
        guard !fixed.contains(parts[0]) else { return problem("\(parts[0]) can only be chosen in the file") }
        var text = ""
        let keys = parts[0].split(separator: ".")
        for (depth, key) in keys.enumerated() {
            text += String(repeating: " ", count: 2 * depth) + key + ":" + (depth < keys.count - 1 ? "\n" : " ")
        }
        text += parts[1]
        let document = SettingsDocument(text, file: "--set \(override)")
        let reader = SettingsReader(file: "--set \(override)", folder: FileManager.default.currentDirectoryPath)
        reader.read(fields, of: document.root, into: &root, at: "")
        return document.problems + reader.problems
    }
}
