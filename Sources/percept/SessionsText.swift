import Foundation
import Sessions

/// How sessions are described to a person.
enum SessionsText {
    /// A table of sessions.
    static func list(_ sessions: [SessionOverview]) -> String {
        guard !sessions.isEmpty else { return "no sessions" }
        let rows = sessions.map { session in
            [
                session.name, session.subject ?? "–", time(session.startedAt), "\(session.runs)", "\(session.volumes)",
                "\(session.trials)", "\(session.images)", size(session.bytes),
            ]
        }
        return table([["session", "subject", "began", "runs", "volumes", "trials", "images", "size"]] + rows, left: 3)
    }

    /// A session in some lines for each run.
    static func describe(_ session: SessionSummary) -> String {
        var lines = [
            "\(session.name), subject \(session.subject ?? "unknown"), began \(time(session.startedAt))"
                + (session.endedAt.map { ", ended \(time($0))" } ?? ", has not ended"),
            "\(session.software), configuration \(session.configurationHash.prefix(12)), "
                + (session.bundleHash.map { "bundle \($0.prefix(12)) " } ?? "") + session.bundlePath,
            "recordings: \(size(session.recordedBytes))",
        ]
        for run in session.runs { lines += ["", describe(run)] }
        if !session.faults.isEmpty { lines += ["", "faults:"] }
        for fault in session.faults {
            lines.append(
                "  \(time(fault.at)) \(fault.severity.rawValue) \(fault.code): \(fault.subject): \(fault.detail)"
                    + (fault.count > 1 ? " (\(fault.count) times)" : "")
            )
        }
        return lines.joined(separator: "\n")
    }

    private static func describe(_ run: RunSummary) -> String {
        let task = run.task.map { ", task \($0)" } ?? ""
        let reason = run.endReason.map { ": \($0)" } ?? ""
        var lines = [
            "run \(run.name)\(task), TR \(number(run.repetitionTime)) s, \(run.state.rawValue)\(reason)",
            "  volumes: \(counts(run.volumes)), of \(run.plannedVolumes) planned; \(run.recordedVolumes) recorded",
        ]
        if let motion = run.framewiseDisplacement {
            let change =
                run.dvars.map { "; DVARS median \(number($0.median)) %, largest \(number($0.maximum)) %" } ?? ""
            let signal = run.temporalSignalToNoise.map { "; tSNR \(number($0))" } ?? ""
            lines.append(
                "  motion: FD median \(number(motion.median)) mm, largest \(number(motion.maximum)) mm" + change
                    + signal
            )
        }
        if !run.flags.isEmpty { lines.append("  flags: \(counts(run.flags))") }
        lines.append("  trials: \(run.trials), \(run.doubtfulTrials) doubtful; events: \(run.events)")
        lines.append("  images: \(run.images), \(run.imagesCutShort) cut short, \(run.imagesLate) late")
        let stages = [("volume", run.volumeLatencies), ("trial", run.trialLatencies), ("image", run.imageLatencies)]
        let rows = stages.flatMap { kind, latencies in
            latencies.sorted { $0.key < $1.key }.map { stage, times in
                ["  \(kind) \(stage)"] + [times.median, times.p95, times.p99, times.maximum].map { number($0) }
                    + ["\(times.count)"]
            }
        }
        if !rows.isEmpty {
            lines.append(table([["  latency in ms", "median", "95 %", "99 %", "largest", "n"]] + rows, left: 1))
        }
        return lines.joined(separator: "\n")
    }

    private static func counts(_ counts: [String: Int]) -> String {
        guard !counts.isEmpty else { return "none" }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
            .joined(separator: ", ")
    }

    /// Columns side by side, the first `left` ones to the left, the others to the right.
    private static func table(_ rows: [[String]], left: Int) -> String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column < left ? cell + space : space + cell
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func number(_ value: Double) -> String { String(format: abs(value) < 10 ? "%.2f" : "%.1f", value) }

    private static func size(_ bytes: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return String(format: unit == 0 ? "%.0f " : "%.1f ", value) + units[unit]
    }

    private static func time(_ seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e11 else { return "at an unknown time" }
        return Date(timeIntervalSince1970: seconds).formatted(.iso8601)
    }
}
