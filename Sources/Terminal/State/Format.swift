import Foundation

/// Numbers and names as the view and the log write them.
enum Format {
    /// A number with a fixed number of digits after the point; what is too large for that has an exponent.
    static func number(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite else { return "?" }
        return abs(value) < 1e7 ? String(format: "%.\(digits)f", value) : String(format: "%.1e", value)
    }

    /// The same with its sign.
    static func signed(_ value: Double, _ digits: Int) -> String {
        (value < 0 ? "" : "+") + number(value == 0 ? 0 : value, digits)
    }

    /// Milliseconds: three digits or so.
    static func milliseconds(_ value: Double) -> String { number(value, abs(value) < 10 ? 1 : 0) }

    /// Seconds, minutes or hours that have passed.
    static func age(_ seconds: Double) -> String {
        let seconds = max(0, seconds)
        if seconds < 10 { return "\(number(seconds, 1)) s" }
        if seconds < 120 { return "\(number(seconds, 0)) s" }
        return seconds < 7200 ? "\(number(seconds / 60, 0)) min" : "\(number(seconds / 3600, 0)) h"
    }

    /// Bytes in units of 1024.
    static func bytes(_ count: Int) -> String {
        var (value, unit) = (Double(count), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        return "\(number(value, unit == 0 || value >= 10 ? 0 : 1)) \(units[unit])"
    }

    /// `trial 7 (84.0 s, face, a.png)`.
    static func trial(_ number: Int, _ onset: Double?, _ trialType: String?, _ stimulusFile: String?) -> String {
        let parts = [onset.map { "\(self.number($0, 1)) s" }, trialType, stimulusFile].compactMap { $0 }
        return "trial \(number)" + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
    }

    /// A path's last part.
    static func fileName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
