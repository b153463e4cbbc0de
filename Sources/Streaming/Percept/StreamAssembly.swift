import Neuroimaging
import WireFormat

/// What is known of a stream of our protocol: checks each message, puts them in order, and says what to ask for again.
///
/// It has no sockets and no clock of its own, so that every order of events can be tested.
struct StreamAssembly {
    private struct Current {
        let publisher: String
        var repair: SequenceRepair<[ScannerInput]>
    }

    /// The most messages and bytes that are held until an earlier one has come.
    private static let held = (messages: 2_048, bytes: 512 << 20)
    /// The most messages that one request asks for.
    private static let asked: UInt64 = 4_096

    private(set) var counters = StreamCounters()
    private let address: String
    private let limits: MessageLimits
    private let deadline: Duration
    private let retryInterval: Duration
    private let position: StreamPosition?
    private var current: Current?
    private var former: [String] = []
    private var faults = FaultLimiter()
    private var request: (range: ClosedRange<UInt64>, sentAt: ContinuousClock.Instant)?

    /// - Parameters:
    ///   - address: What faults call the publisher.
    ///   - position: Where the stream was left before a restart.
    ///   - deadline: How long a missing message is waited for.
    ///   - limits: What a message may claim.
    init(address: String, position: StreamPosition?, deadline: Duration, limits: MessageLimits) {
        (self.address, self.position, self.deadline, self.limits) = (address, position, deadline, limits)
        retryInterval = max(.milliseconds(20), deadline / 4)
    }

    /// Whether something is missing.
    var isIncomplete: Bool { current?.repair.missing != nil }

    // MARK: What comes

    /// Takes a message in, `isRepair` if it came on request, and returns what is to be delivered.
    mutating func receive(_ parts: [[UInt8]], isRepair: Bool, arrival: Arrival) -> [ScannerInput] {
        do throws(WireError) {
            let message = try WireMessage(parts: parts, limits: limits)
            switch message.topic {
            case .heartbeat where !isRepair:
                return notice(try message.decode(Heartbeat.self, limits), arrival)
            case .resent where isRepair:
                return close(try message.decode(ResendAnswer.self, limits), arrival)
            default:
                return try numbered(message, isRepair, arrival)
            }
        } catch {
            // A topic of a later release has a number all the same; so may have a message with something wrong in it.
            let isForLater = error.code == .unsupported && error.subject == "topic"
            let inputs = isForLater ? [] : fault(error)
            // What cannot be read makes nobody the publisher.
            guard parts.count > 1, let stamp = try? WireMessage(topic: .run, header: parts[1]).stamp(limits),
                isForLater || stamp.publisher == current?.publisher
            else { return inputs }
            // The publisher may still have undamaged what is damaged; what is wrong will be wrong again.
            if error.code == .corrupt { return inputs + place(stamp, nil, bytes: 0, isRepair, arrival) }
            return place(stamp, inputs, bytes: 0, isRepair, arrival)
        }
    }

    /// Gives up what is past its deadline.
    mutating func tick(at now: ContinuousClock.Instant) -> [ScannerInput] {
        guard let outputs = current?.repair.expire(at: now) else { return [] }
        return flatten(outputs)
    }

    /// What to ask for now, if anything.
    mutating func dueRequest(at now: ContinuousClock.Instant) -> ResendRequest? {
        guard let current, let missing = current.repair.missing else { return nil }
        if let request, now - request.sentAt < retryInterval { return nil }
        let last = min(missing.upperBound, missing.lowerBound + Self.asked - 1)
        return ResendRequest(publisher: current.publisher, from: missing.lowerBound, through: last)
    }

    /// Learns that a request has left.
    mutating func sent(_ request: ResendRequest, at now: ContinuousClock.Instant) {
        self.request = (request.from...request.through, now)
    }

    // MARK: How it is placed

    private mutating func numbered(
        _ message: WireMessage,
        _ isRepair: Bool,
        _ arrival: Arrival
    ) throws(WireError) -> [ScannerInput] {
        let (stamp, content) = try message.content(limits)
        let inputs = try scannerInputs(content, stamp, message.payload, arrival)
        return place(stamp, inputs, bytes: message.byteCount, isRepair, arrival)
    }

    private mutating func place(
        _ stamp: MessageStamp,
        _ inputs: [ScannerInput]?,
        bytes: Int,
        _ isRepair: Bool,
        _ arrival: Arrival
    ) -> [ScannerInput] {
        guard let adopted = adopt(stamp.publisher) else {
            counters.foreign += 1
            return []
        }
        guard var repair = current?.repair else { return adopted }
        let duplicates = repair.duplicates
        let outputs = repair.receive(stamp.sequence, inputs, bytes: bytes, isRepair: isRepair, at: arrival.instant)
        current?.repair = repair
        counters.messages += 1
        counters.duplicates += repair.duplicates - duplicates
        if isRepair, inputs != nil, repair.duplicates == duplicates { counters.repaired += 1 }
        return adopted + flatten(outputs)
    }

    private mutating func notice(_ heartbeat: Heartbeat, _ arrival: Arrival) -> [ScannerInput] {
        guard let adopted = adopt(heartbeat.publisher) else { return [] }
        current?.repair.notice(upTo: heartbeat.next, at: arrival.instant)
        return adopted
    }

    /// An answer is complete: what it was about and has not come cannot be had.
    private mutating func close(_ answer: ResendAnswer, _ arrival: Arrival) -> [ScannerInput] {
        let asked = request
        request = nil
        guard answer.publisher == current?.publisher else {
            // Somebody else answers: the publisher was started again.
            guard let adopted = adopt(answer.publisher) else { return [] }
            current?.repair.notice(upTo: answer.next, at: arrival.instant)
            return adopted
        }
        guard let asked, asked.range.lowerBound == answer.from, asked.range.contains(answer.through) else { return [] }
        guard let outputs = current?.repair.giveUp(answer.from...answer.through) else { return [] }
        return flatten(outputs)
    }

    /// Makes a publisher the current one; nil if it is one of those that were replaced.
    private mutating func adopt(_ publisher: String) -> [ScannerInput]? {
        guard publisher != current?.publisher else { return [] }
        guard !former.contains(publisher) else { return nil }
        let inputs = finish()
        if let current { former = former.suffix(7) + [current.publisher] }
        let isResumed = current == nil && position?.publisher == publisher
        let next = isResumed ? (position?.sequence).map { $0 + 1 } ?? 0 : 0
        let isRestart = current != nil || (position != nil && !isResumed)
        current = Current(
            publisher: publisher,
            repair: SequenceRepair(next: next, deadline: deadline, capacity: Self.held)
        )
        request = nil
        guard isRestart else { return inputs }
        let fault = SourceFault(.connected, address, "was started again as \(publisher); its numbers begin anew")
        return inputs + [.fault(fault)]
    }

    private mutating func finish() -> [ScannerInput] {
        guard let outputs = current?.repair.finish() else { return [] }
        return flatten(outputs)
    }

    private mutating func flatten(_ outputs: [SequenceRepair<[ScannerInput]>.Output]) -> [ScannerInput] {
        outputs.flatMap { output -> [ScannerInput] in
            switch output {
            case .message(let inputs): return inputs
            case .lost(let range):
                counters.lost += Int(clamping: range.upperBound - range.lowerBound + 1)
                let detail = "of \(current?.publisher ?? address) were lost and cannot be had again"
                return [.fault(SourceFault(.lost, "messages \(range.lowerBound)...\(range.upperBound)", detail))]
            }
        }
    }

    private mutating func fault(_ error: WireError) -> [ScannerInput] {
        counters.refused += 1
        return faults.pass(SourceFault(error, from: address)).map { [.fault($0)] } ?? []
    }
}
