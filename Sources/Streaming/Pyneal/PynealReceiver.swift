import Neuroimaging
import WireFormat

/// Makes scanner input of what a Pyneal-Scanner sender says, and says what it is answered.
///
/// The sender waits for an answer to each message, so there is always one. Runs have neither beginning nor end in this
/// protocol: one begins with a volume when none is under way, or when numbers start anew, and ends with that, or some
/// time after the last volume.
struct PynealReceiver {
    /// What to expect.
    struct Expectations: Sendable {
        /// The session that runs belong to.
        let session: String
        /// The number of volumes of a run.
        let plannedVolumes: Int?
        /// The time from volume to volume in s, where the sender does not say it.
        let repetitionTime: Double?
        /// The most bytes of a volume.
        let largestVolume: Int
        /// How long after its last volume a run is over, in s.
        let silence: Double
    }

    /// The longest greeting, in bytes.
    static let longestGreeting = 1024

    private struct Run {
        let name: String
        var last: Int
        var deadline: ContinuousClock.Instant
    }

    private let expectations: Expectations
    private(set) var names: PeerRunNames
    private var run: Run?
    private var isGreeted = false

    /// Expects a greeting.
    init(_ expectations: Expectations, names: PeerRunNames) {
        (self.expectations, self.names) = (expectations, names)
    }

    /// When the run under way is over unless something comes.
    var deadline: ContinuousClock.Instant? { run?.deadline }

    /// Takes in a message; its answer is to be sent once the inputs are delivered.
    mutating func take(_ parts: [[UInt8]], at arrival: Arrival) -> (inputs: [ScannerInput], answer: [UInt8]) {
        guard parts.count == 2 else { return takeGreeting(parts) }
        do {
            let header = try PynealHeader(json: parts[0], largestVolume: expectations.largestVolume)
            let voxels = try PynealPayload.voxels(parts[1], header)
            let volume = try StoredVolume(grid: header.grid, dataType: header.dataType.stored, bytes: voxels)
            return (take(header, volume, arrival), Array("received volIdx \(header.volumeIndex)".utf8))
        } catch let error as WireError {
            return refuse(Self.code(error.code), error.subject, error.detail)
        } catch {
            return refuse(.malformed, "Pyneal volume", "\(error)")
        }
    }

    /// Answers a message that was thrown away for its size.
    func refuse(parts: Int, bytes: Int) -> (inputs: [ScannerInput], answer: [UInt8]) {
        refuse(.tooLarge, "Pyneal message", "has \(parts) parts of \(bytes) bytes, more than the limit")
    }

    /// Ends the run under way if its time is over.
    mutating func checkSilence(at now: ContinuousClock.Instant) -> [ScannerInput] {
        guard let run, now >= run.deadline else { return [] }
        return end("no volume came any more")
    }

    private mutating func takeGreeting(_ parts: [[UInt8]]) -> (inputs: [ScannerInput], answer: [UInt8]) {
        guard parts.count == 1, let text = parts.first, text.count <= Self.longestGreeting, text.first != 0x7B else {
            let detail = "has \(parts.count) parts of \(parts.map(\.count).prefix(4)) bytes, not header and voxels"
            return refuse(.malformed, "Pyneal message", detail)
        }
        isGreeted = true
        let shown = String(decoding: text, as: UTF8.self).filter { $0.isASCII && !$0.isNewline }
        return ([.fault(SourceFault(.connected, "Pyneal sender", "greets with `\(shown.prefix(60))`"))], text)
    }

    private func refuse(
        _ code: SourceFault.Code,
        _ subject: String,
        _ detail: String
    ) -> (inputs: [ScannerInput], answer: [UInt8]) {
        ([.fault(SourceFault(code, subject, detail))], Array("refused".utf8))
    }

    private static func code(_ code: WireError.Code) -> SourceFault.Code {
        switch code {
        case .tooLarge: .tooLarge
        case .corrupt: .corrupt
        case .malformed, .unsupported: .malformed
        }
    }

    private mutating func take(_ header: PynealHeader, _ volume: StoredVolume, _ arrival: Arrival) -> [ScannerInput] {
        let index = header.volumeIndex
        let repetitionTime = header.repetitionTime ?? expectations.repetitionTime
        var inputs: [ScannerInput] = []
        if let run, isGreeted && index <= run.last || index == 0 && run.last > 0 {
            inputs += end("volumes are counted anew")
        }
        isGreeted = false
        var current = run ?? Run(name: names.next(), last: index, deadline: arrival.instant)
        if run == nil {
            var description = RunDescription(session: expectations.session, run: current.name)
            (description.repetitionTime, description.plannedVolumes) = (repetitionTime, expectations.plannedVolumes)
            inputs.append(.runStart(description, arrival))
        }
        current.last = max(current.last, index)
        current.deadline = arrival.instant + .seconds(silence(after: current.last, repetitionTime))
        run = current
        inputs.append(
            .volume(
                IncomingVolume(
                    session: expectations.session,
                    run: current.name,
                    index: index,
                    volume: volume,
                    repetitionTime: repetitionTime,
                    arrival: arrival
                )
            )
        )
        return inputs
    }

    /// Once the planned volumes are in, the next one would come soon, if there was one.
    private func silence(after index: Int, _ repetitionTime: Double?) -> Double {
        guard let planned = expectations.plannedVolumes, index >= planned - 1 else { return expectations.silence }
        return min(expectations.silence, max(2, 3 * (repetitionTime ?? 2)))
    }

    private mutating func end(_ reason: String) -> [ScannerInput] {
        guard let run else { return [] }
        self.run = nil
        return [.runEnd(session: expectations.session, run: run.name, reason: reason)]
    }
}
