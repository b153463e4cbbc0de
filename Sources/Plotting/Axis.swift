import Foundation

/// From values to pixels along one direction, with ticks at round numbers.
struct Axis: Equatable {
    /// A value with a label.
    struct Tick: Equatable {
        let value: Double
        let label: String
    }

    /// The values at both ends, for a logarithmic axis their logarithms to base 10.
    let lower: Double
    let upper: Double
    /// Whether it is logarithmic.
    let isLogarithmic: Bool

    /// Values of a larger size count as infinite, so that differences do not overflow.
    static let largest = 1e300

    /// An axis over values, of which those that are not finite, or not above 0 on a logarithmic axis, do not count.
    ///
    /// - Parameter margin: the part of the span that is added at each end.
    init(_ values: some Sequence<Double>, isLogarithmic: Bool = false, margin: Double = 0) {
        var (low, high) = (Double.infinity, -Double.infinity)
        for value in values where Self.isDrawn(value, isLogarithmic) {
            low = min(low, value)
            high = max(high, value)
        }
        if low > high { (low, high) = isLogarithmic ? (1, 10) : (0, 1) }
        if isLogarithmic { (low, high) = (log10(low), log10(high)) }
        // A span below the precision of numbers has no ticks.
        let least = max(abs(low), abs(high)) * 1e-9
        if high - low <= least {
            let room = isLogarithmic ? 0.5 : max(abs(low) * 0.1, low == 0 ? 1 : 0)
            (low, high) = (low - room, high + room)
        } else {
            let room = (high - low) * margin
            // Sizes begin at 0 where that does not take much of the axis.
            let beginsAtZero = !isLogarithmic && margin > 0 && low >= 0 && low < 0.3 * high
            (low, high) = (beginsAtZero ? 0 : low - room, high + room)
        }
        self.init(lower: low, upper: high, isLogarithmic: isLogarithmic)
    }

    /// An axis between two given ends.
    init(lower: Double, upper: Double, isLogarithmic: Bool = false) {
        self.lower = lower
        self.upper = upper
        self.isLogarithmic = isLogarithmic
    }

    /// Whether a value has a place on an axis.
    static func isDrawn(_ value: Double, _ isLogarithmic: Bool) -> Bool {
        abs(value) <= largest && (!isLogarithmic || value > 0)
    }

    /// Where a value lies, 0 at the lower and 1 at the upper end, or nothing where it has no place.
    func position(_ value: Double) -> Double? {
        guard Self.isDrawn(value, isLogarithmic) else { return nil }
        return ((isLogarithmic ? log10(value) : value) - lower) / (upper - lower)
    }

    /// About `count` values, at most three quarters more, that are 1, 2 or 5 times a power of ten apart; on a logarithmic
    /// axis decades, and values between them where there are few.
    func ticks(count: Int) -> [Tick] {
        let wanted = max(2, count)
        if isLogarithmic { return logarithmicTicks(wanted) }
        let rough = (upper - lower) / Double(wanted)
        guard rough > 0, rough.isFinite else { return [] }
        var exponent = Int(log10(rough).rounded(.down))
        let size = rough / power(exponent)
        var factor = 1
        if size > 7.5 {
            exponent += 1
        } else if size > 3.5 {
            factor = 5
        } else if size > 1.5 {
            factor = 2
        }
        let step = Double(factor) * power(exponent)
        let (first, last) = ((lower / step - 1e-9).rounded(.up), (upper / step + 1e-9).rounded(.down))
        guard first <= last, abs(first) < 1e12, abs(last) < 1e12 else { return [] }
        return (Int(first)...Int(last)).map { index in
            Tick(value: Double(index) * step, label: Self.label(index * factor, exponent, always: exponent < -4))
        }
    }

    private func logarithmicTicks(_ count: Int) -> [Tick] {
        let (first, last) = (Int((lower - 1e-9).rounded(.up)), Int((upper + 1e-9).rounded(.down)))
        let decades = last - first + 1
        // Few decades leave room for values between them.
        let factors = decades <= 1 ? [1, 2, 3, 5, 7] : decades * 3 <= count + 2 ? [1, 2, 5] : [1]
        let stride = max(1, (decades + count - 1) / count)
        var ticks: [Tick] = []
        for exponent in Swift.stride(from: first - 1, through: last, by: 1) {
            guard stride == 1 || (exponent - first) % stride == 0 else { continue }
            for factor in factors {
                let place = Double(exponent) + log10(Double(factor))
                guard place >= lower - 1e-9, place <= upper + 1e-9 else { continue }
                ticks.append(Tick(value: pow(10, place), label: Self.label(factor, exponent)))
            }
        }
        return ticks
    }

    private func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

    /// The number `digits · 10^exponent` without needless zeros, with an exponent where it would be long, or always.
    static func label(_ digits: Int, _ exponent: Int, always: Bool = false) -> String {
        guard digits != 0 else { return "0" }
        var (magnitude, exponent) = (abs(digits), exponent)
        while magnitude % 10 == 0 { (magnitude, exponent) = (magnitude / 10, exponent + 1) }
        let sign = digits < 0 ? "-" : ""
        let text = String(magnitude)
        // The exponent of the first digit.
        let leading = exponent + text.count - 1
        if always || leading > 5 || leading < -4 {
            let rest = text.count > 1 ? "." + text.dropFirst() : ""
            return "\(sign)\(text.prefix(1))\(rest)e\(leading)"
        }
        if exponent >= 0 { return sign + text + String(repeating: "0", count: exponent) }
        if leading >= 0 { return "\(sign)\(text.prefix(leading + 1)).\(text.dropFirst(leading + 1))" }
        return sign + "0." + String(repeating: "0", count: -leading - 1) + text
    }
}
