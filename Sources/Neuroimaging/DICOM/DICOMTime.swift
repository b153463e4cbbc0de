/// Dates and times of day.
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

    /// Days since 1 January 1970 of a date (`YYYYMMDD`) or of a date and time.
    static func day(_ text: String?) -> Int? {
        // Old files have dots.
        let digits = (text ?? "").filter { $0 != "." && $0 != "-" }.prefix(8)
        guard digits.count == 8, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let year = Int(digits.prefix(4)),
            let month = Int(digits.dropFirst(4).prefix(2)), let day = Int(digits.suffix(2)), year >= 1900,
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        // Years that begin in March have their leap day at the end.
        let (shifted, months) = (month > 2 ? year : year - 1, (month + 9) % 12)
        let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + (153 * months + 2) / 5 + day - 1
        return days - 719_468
    }
}
