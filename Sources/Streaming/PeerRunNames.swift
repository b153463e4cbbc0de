/// Gives runs of peers that know no names, or use one twice, names that no two of them share.
struct PeerRunNames: Sendable {
    private var taken: Set<String>
    private var count = 0

    /// Begins with the names that may not be used any more.
    init(taken: Set<String> = []) { self.taken = taken }

    /// A name like the sender's, or `run-1` and so on where it has none.
    ///
    /// Characters that do not belong into file names, and endings of NIfTI files, are left out.
    mutating func next(_ wish: String? = nil) -> String {
        var stem = wish ?? ""
        for ending in [".gz", ".nii"] where stem.hasSuffix(ending) { stem.removeLast(ending.count) }
        stem = String(stem.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_+.".contains($0)) }.prefix(100))
        stem = String(stem.drop { $0 == "." || $0 == "-" })
        var name = stem
        var number = 1
        while name.isEmpty || taken.contains(name) {
            if stem.isEmpty {
                count += 1
                name = "run-\(count)"
            } else {
                number += 1
                name = "\(stem)-\(number)"
            }
        }
        taken.insert(name)
        return name
    }
}
