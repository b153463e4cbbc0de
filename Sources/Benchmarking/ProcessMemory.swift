import Foundation

/// The memory of this process, as Linux accounts for it.
public enum ProcessMemory {
    /// The largest resident size so far, in bytes; nil where `/proc` does not tell.
    public static var peakResidentBytes: Int? { status("VmHWM:") }

    /// The resident size now, in bytes; nil where `/proc` does not tell.
    public static var residentBytes: Int? { status("VmRSS:") }

    private static func status(_ field: String) -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
        return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 << 10 }
    }
}
