/// Times of day.
enum DICOMTime {
    /// Seconds since midnight of a time (`HHMMSS.FFFFFF`) or of a date and time (`YYYYMMDDHHMMSS.FFFFFF`).
    static func seconds(_ text: String?) -> Double? {
        guard let text else { return nil }
        // Old files have colons; a zone may follow.
        let digits = text.filter { $0 != ":" }.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let whole = digits.prefix { $0 != "." }
        let time = whole.count >= 14 ? digits.dropFirst(8) : digits[...]
        guard time.count >= 4, let hours = Double(time.prefix(2)), let minutes = Double(time.dropFirst(2).prefix(2)),
            hours < 24, minutes < 60
        else { return nil }
        let rest = time.dropFirst(4)
        guard let seconds = rest.isEmpty ? 0 : Double(rest), seconds < 61 else { return nil }
        return hours * 3600 + minutes * 60 + seconds
    }
}
