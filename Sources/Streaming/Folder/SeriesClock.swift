import Foundation

/// When the volumes of a series were acquired, as far as what the files say makes sense.
///
/// Some scanners write the time of the series into every file. A time is believed if it is as long after the first
/// volume's as the volume's number says, to within half a repetition time.
struct SeriesClock {
    private let repetitionTime: Double?
    private let offsetFromUTC: Double?
    private var first: (index: Int, time: Double)?

    init(repetitionTime: Double?, offsetFromUTC: Double?) {
        (self.repetitionTime, self.offsetFromUTC) = (repetitionTime, offsetFromUTC)
    }

    /// The time of a volume in s since 1970, or nil where it is not known.
    ///
    /// Files without a time zone have the time of day of this machine's zone.
    mutating func time(ofVolume index: Int, day: Int?, secondsAfterMidnight: Double?) -> Double? {
        guard let day, let seconds = secondsAfterMidnight else { return nil }
        let local = Double(day) * 86400 + seconds
        let zone = TimeZone.current
        // The zone's offset is asked for a moment, which is known up to that offset.
        let guess = local - Double(zone.secondsFromGMT(for: Date(timeIntervalSince1970: local)))
        let offset = offsetFromUTC ?? Double(zone.secondsFromGMT(for: Date(timeIntervalSince1970: guess)))
        let time = local - offset
        guard let first else {
            first = (index, time)
            return time
        }
        if index == first.index { return time }
        guard let repetitionTime else { return time != first.time ? time : nil }
        let expected = Double(index - first.index) * repetitionTime
        return abs(time - first.time - expected) <= repetitionTime / 2 ? time : nil
    }
}
