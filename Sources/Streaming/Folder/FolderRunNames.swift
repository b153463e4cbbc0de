import Foundation

/// The names of runs: no two runs of a session have the same, and a run keeps its name.
struct FolderRunNames {
    private var names: [String: String] = [:]
    private var taken: Set<String> = []

    /// The name of a run.
    ///
    /// - Parameters:
    ///   - key: What tells the run from all others.
    ///   - wish: What it is called unless another run is; characters other than letters, digits, `-`, `_` and `.`
    ///     become `-`. Otherwise four digits that come from the key are added.
    mutating func name(of key: String, wish: String) -> String {
        if let name = names[key] { return name }
        let letters = wish.unicodeScalars.map { scalar -> Character in
            let isAllowed =
                CharacterSet.alphanumerics.contains(scalar) && scalar.isASCII || "-_.".unicodeScalars.contains(scalar)
            return isAllowed ? Character(scalar) : "-"
        }
        let plain = letters.isEmpty ? "run" : String(letters.prefix(100))
        // FNV-1a, which is the same in every process.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var name = plain
        while !taken.insert(name).inserted {
            name = plain + "-" + String(hash & 0xFFFF | 0x1_0000, radix: 16).dropFirst()
            hash = hash &* 0x100_0000_01B3 &+ 1
        }
        names[key] = name
        return name
    }
}
