/// In which order old versions of Siemens' software acquire slices.
///
/// Before B15 no times are stored, but the protocol, as text in the CSA series header (0029,1020), has the order
/// (`sSliceArray.ucMode`) and the pause at the end of the repetition time (`lDelayTimeInTR`, in µs).
struct SiemensSliceOrder: Sendable {
    enum Mode: Int {
        case ascending = 1
        case descending = 2
        case interleaved = 4
    }

    let mode: Mode
    /// The time that all slices take, in seconds.
    let acquisitionTime: Double

    /// Finds the order; nil where the file does not say.
    init?(_ dataSet: DICOMDataSet) {
        let tag = dataSet.privateTag(.siemensSeriesHeader, creator: "SIEMENS CSA HEADER")
        guard let bytes = dataSet.bytes(tag), let repetition = dataSet.optionalDouble(.repetitionTime),
            let mode = Self.number("sSliceArray.ucMode", in: bytes).flatMap(Mode.init)
        else { return nil }
        let delay = Double(Self.number("lDelayTimeInTR", in: bytes) ?? 0) / 1e6
        self.mode = mode
        acquisitionTime = repetition / 1000 - delay
        guard acquisitionTime > 0 else { return nil }
    }

    /// When each slice starts, in seconds.
    func times(slices: Int) -> [Double] {
        // Of an even number of slices, the second comes first.
        let firstHalf = slices.isMultiple(of: 2) ? 1 : 0
        return (0..<slices).map { slice in
            let rank =
                switch mode {
                case .ascending: slice
                case .descending: slices - 1 - slice
                case .interleaved: slice % 2 == firstHalf ? slice / 2 : (slices + 1 - firstHalf) / 2 + slice / 2
                }
            return Double(rank) * acquisitionTime / Double(slices)
        }
    }

    /// The whole number, decimal or hexadecimal, after a name and an equals sign.
    static func number(_ name: String, in bytes: ArraySlice<UInt8>) -> Int? {
        let name = Array(name.utf8)
        guard let first = name.first else { return nil }
        var rest = bytes
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: name) {
                let line = rest.dropFirst(name.count).prefix { $0 != 10 && $0 != 0 }.prefix(64)
                let text = DICOMText.decoded(DICOMText.trimmed(line.drop { $0 != UInt8(ascii: "=") }.dropFirst()))
                return text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
            }
            rest = rest.dropFirst()
        }
        return nil
    }
}
