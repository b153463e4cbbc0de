import Foundation
import WireFormat

/// Messages as lines of a log: one for each volume, pattern and image, and for each change of state, and fault.
public struct EventLines: Sendable {
    private var motion: MotionBody?
    private var state: String?
    private var recording: String?
    private var faults: [String: Int] = [:]

    /// Nothing has been said yet.
    public init() {}

    /// What a message is worth saying, without control characters.
    public mutating func lines(_ stamp: MessageStamp, _ content: MessageContent) -> [String] {
        texts(stamp, content).map { Self.line($0, at: stamp.sentAt) }
    }

    /// A line about something else, at a time in s since 1970.
    public static func line(_ text: String, at time: Double) -> String {
        let date = Date(timeIntervalSince1970: time).ISO8601Format(
            .iso8601(timeZone: .gmt, includingFractionalSeconds: true)
        )
        return "\(date)Z \(DisplayText.escaped(text))"
    }

    private mutating func texts(_ stamp: MessageStamp, _ content: MessageContent) -> [String] {
        switch content {
        case .run(let body): return [Self.text(stamp, body)]
        case .motion(let body):
            motion = body
            return []
        case .quality(let body): return [text(body)]
        case .pattern(let body): return [Self.text(body)]
        case .preview(let body): return [Self.text(body, "preview")]
        case .reconstruction(let body): return [Self.text(body, "reconstruction")]
        case .status(let body): return changes(body)
        case .recorded, .volume, .event, .trigger: return []
        }
    }

    private static func text(_ stamp: MessageStamp, _ body: RunBody) -> String {
        let name = "run \(stamp.run) of session \(stamp.session)"
        guard body.phase == .start else { return "\(name) is over" + (body.reason.map { ": \($0)" } ?? "") }
        let planned = body.plannedVolumes.map { ", \($0) volumes" } ?? ""
        return "\(name) begins\(planned)" + (body.repetitionTime.map { " every \(Format.number($0, 3)) s" } ?? "")
    }

    private func text(_ body: QualityBody) -> String {
        var parts = ["displacement \(Format.number(body.framewiseDisplacement, 2)) mm"]
        if let motion, motion.index == body.index {
            let values = (motion.translation + motion.rotation.map { $0 * 180 / .pi }).map { Format.signed($0, 2) }
            parts.append("moved \(values.prefix(3).joined(separator: " ")) mm")
            parts.append("turned \(values.suffix(3).joined(separator: " ")) degrees")
        }
        if let dvars = body.dvars { parts.append("DVARS \(Format.number(dvars, 2)) %") }
        if let signal = body.temporalSignalToNoise { parts.append("tSNR \(Format.number(signal, 1))") }
        if let latency = body.latencies["volume"] { parts.append("\(Format.milliseconds(latency)) ms") }
        if !body.flags.isEmpty { parts.append("flags: \(body.flags.joined(separator: " "))") }
        if !body.isUsable { parts.append("not used") }
        return "volume \(body.index): " + parts.joined(separator: ", ")
    }

    private static func text(_ body: PatternBody) -> String {
        var parts = ["\(body.voxels) voxels up to volume \(body.lastVolume)"]
        parts.append(body.standardized ? "z-scored by \(body.standardizedBy) trials" : "not standardized")
        if !body.isFinal { parts.append("not the last readout") }
        if let latency = body.latencies["pattern"] { parts.append("\(Format.milliseconds(latency)) ms") }
        if !body.doubts.isEmpty { parts.append("doubts: \(body.doubts.joined(separator: "; "))") }
        let subject = Format.trial(body.trial, body.onset, body.trialType, body.stimulusFile)
        return "pattern of \(subject): " + parts.joined(separator: ", ")
    }

    private static func text(_ body: ReconstructionBody, _ kind: String) -> String {
        var parts = ["\(body.steps) of \(body.plannedSteps) steps"]
        if body.samples > 1 { parts.append("sample \(body.sample + 1) of \(body.samples)") }
        parts.append("\(Format.number(body.age, 2)) s after its pattern")
        if let agreement = body.agreement { parts.append("agreement \(Format.number(agreement, 2))") }
        if body.isLate { parts.append("late") }
        if body.isCutShort { parts.append("cut short") }
        if !body.standardized { parts.append("not standardized") }
        if !body.doubts.isEmpty { parts.append("doubts: \(body.doubts.joined(separator: "; "))") }
        let subject = Format.trial(body.trial, body.onset, body.trialType, body.stimulusFile)
        return "\(kind) of \(subject): " + parts.joined(separator: ", ")
    }

    private mutating func changes(_ body: StatusBody) -> [String] {
        var texts: [String] = []
        if body.state != state { texts.append("daemon is \(body.state), source \(body.source)") }
        let recording = body.recording.state + (body.recording.detail.map { ": \($0)" } ?? "")
        if recording != self.recording { texts.append("recording is \(recording)") }
        for (code, count) in body.faultCounts.sorted(by: { $0.key < $1.key }) where count > faults[code] ?? 0 {
            texts.append("fault: \(code), \(count) so far")
        }
        (state, self.recording, faults) = (body.state, recording, body.faultCounts)
        return texts
    }
}
