/// How unlike two words are.
enum EditDistance {
    /// The fewest insertions, deletions, replacements and swaps of neighbours from one word to the other.
    ///
    /// Upper and lower case count as the same; of long words, the first 64 characters count.
    static func between(_ first: String, _ second: String) -> Int {
        let a = Array(first.prefix(64).lowercased())
        let b = Array(second.prefix(64).lowercased())
        var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count { rows[i][0] = i }
        for j in 0...b.count { rows[0][j] = j }
        for i in a.indices {
            for j in b.indices {
                var least = min(rows[i][j + 1] + 1, rows[i + 1][j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
                rows[i + 1][j + 1] = least
            }
        }
        return rows[a.count][b.count]
    }
}
