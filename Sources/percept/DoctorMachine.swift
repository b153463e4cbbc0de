import CLinux
import Foundation
import Settings
import Tensors

/// Whether the machine is fit for real time.
enum DoctorMachine {
    static func examine(_ settings: DaemonSettings) -> [DoctorFinding] {
        [processors(), memory(settings), clock(), threads(settings)]
    }

    private static var processorCount: Int { ProcessInfo.processInfo.activeProcessorCount }

    private static func processors() -> DoctorFinding {
        let set = InstructionSet.best
        let words = "\(processorCount) processors, \(set.rawValue)"
        if set == .portable {
            return .warning(
                "processors",
                words,
                "without AVX2 decoding takes several times longer; use another machine"
            )
        }
        var load = [0.0]
        if getloadavg(&load, 1) == 1, load[0] > Double(processorCount) {
            let detail = "\(words), but a load of \(String(format: "%.1f", load[0]))"
            return .warning("processors", detail, "end other programs before the scan")
        }
        return .ok("processors", words)
    }

    private static func memory(_ settings: DaemonSettings) -> DoctorFinding {
        let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let available = kibibytes << 10
        let bundle = settings.bundle ?? ""
        let names = (try? FileManager.default.contentsOfDirectory(atPath: bundle)) ?? []
        let needed = names.reduce(settings.recording.queue) { sum, name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(bundle)/\(name)")
            return sum + ((attributes?[.size] as? Int) ?? 0)
        }
        let detail = "\(megabytes(available)) available; bundle and queues need up to \(megabytes(needed))"
        if available < needed {
            return .failed("memory", detail, "end other programs, or make recording.queue smaller")
        }
        return .ok("memory", detail)
    }

    /// Whether the kernel knows that its clock is right.
    private static func clock() -> DoctorFinding {
        if percept_clock_is_synchronized() != 0 { return .ok("clock", "is synchronized") }
        return .warning(
            "clock",
            "is not synchronized",
            "run chrony or systemd-timesyncd, or else events must come from triggers"
        )
    }

    private static func threads(_ settings: DaemonSettings) -> DoctorFinding {
        let volumes = settings.threads.volumes ?? processorCount
        let decoding = settings.threads.decoding ?? processorCount
        let detail = "\(volumes) for volumes, \(decoding) for decoding, \(processorCount) processors"
        if max(volumes, decoding) > processorCount {
            return .warning("threads", detail, "set threads.volumes and threads.decoding to at most \(processorCount)")
        }
        if settings.threads.niceness == 0 {
            return .warning("threads", detail + ", decoding does not yield", "set threads.niceness to 15")
        }
        return .ok("threads", detail)
    }

    static func megabytes(_ bytes: Int) -> String {
        bytes < 1 << 20 ? "\(bytes) bytes" : "\(bytes >> 20) MiB"
    }
}
