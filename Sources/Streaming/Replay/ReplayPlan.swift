import Foundation

/// What becomes of a volume that is sent.
public enum ReplayDelivery: String, Sendable, Codable {
    /// It is sent as it is.
    case sent
    /// It is lost for good.
    case dropped
    /// It is lost on the way.
    case withheld
    /// It is sent damaged.
    case corrupted
    /// It waits until the next one has been sent.
    case heldBack
    /// It was held back, and comes now.
    case late
    /// It has been sent already, and comes once more.
    case again

    /// Whether the volume has been dealt with before.
    public var isRepeated: Bool { self == .late || self == .again }

    /// Whether something leaves.
    var isTransmitted: Bool { [.sent, .corrupted, .late, .again].contains(self) }
}

/// What is sent when, and what goes wrong: known before anything is sent, and the same for the same seed.
public struct ReplayPlan: Sendable, Equatable {
    /// One thing to do.
    public struct Step: Sendable, Equatable {
        /// The things to do.
        public enum Action: Sendable, Equatable {
            /// Send a volume, by its place among those that are there, or do what becomes of it.
            case volume(place: Int, ReplayDelivery)
            /// Send an event, by its place.
            case event(Int)
            /// Close the connection for some s.
            case disconnect(seconds: Double)
        }

        /// When, in s after the start.
        public var due: Double
        /// What to do.
        public var action: Action
    }

    /// A fault that is injected: its kind, the number of the volume, and for how long, in s.
    public struct Injection: Sendable, Equatable, Codable {
        /// The kind.
        public var fault: ReplayFault.Kind
        /// The number of the volume that it happens to, or before.
        public var volume: Int
        /// How long it lasts, in s.
        public var seconds: Double?
    }

    /// What to do, in order.
    public private(set) var steps: [Step] = []
    /// What goes wrong, by volume.
    public private(set) var injections: [Injection] = []

    /// Makes a plan.
    ///
    /// A volume comes when its acquisition is over, one repetition time after its start; an event comes at its onset,
    /// before a volume that comes at the same time.
    /// - Parameters:
    ///   - numbers: The numbers of the volumes, rising.
    ///   - onsets: When events begin, in s after the start of volume 0, rising.
    ///   - repetitionTime: The time from volume to volume in s.
    ///   - speed: How many times faster than that; infinity for as fast as possible.
    ///   - eventsFirst: Whether all events come before the first volume.
    ///   - faults: What goes wrong.
    ///   - seed: What decides to which volumes it happens.
    public init(
        numbers: [Int],
        onsets: [Double] = [],
        repetitionTime: Double,
        speed: Double = 1,
        eventsFirst: Bool = false,
        faults: [ReplayFault] = [],
        seed: UInt64 = 0
    ) {
        let pace = repetitionTime / speed
        var late = 0.0
        var event = 0
        var held: Int?
        for place in numbers.indices {
            let number = numbers[place]
            let due = Double(number + 1) * repetitionTime
            while event < onsets.count, eventsFirst || onsets[event] <= due {
                steps.append(Step(due: eventsFirst ? 0 : max(0, onsets[event]) / speed, action: .event(event)))
                event += 1
            }
            var moment = Double(number + 1) * pace
            for fault in faults {
                switch fault {
                case .delay(let most):
                    let delay = Self.draw(seed, .delay, number) * most
                    moment += delay
                    injections.append(Injection(fault: .delay, volume: number, seconds: delay))
                case .stall(number, let seconds):
                    moment += seconds
                    late = max(late, moment)
                    injections.append(Injection(fault: .stall, volume: number, seconds: seconds))
                case .disconnect(number, let seconds):
                    steps.append(Step(due: max(moment, late), action: .disconnect(seconds: seconds)))
                    injections.append(Injection(fault: .disconnect, volume: number, seconds: seconds))
                default: break
                }
            }
            // Nothing overtakes what was delayed.
            moment = max(moment, late)
            late = moment
            let isLast = place == numbers.count - 1
            let delivery = held == nil ? Self.delivery(faults, seed, number, isLast: isLast) : .sent
            steps.append(Step(due: moment, action: .volume(place: place, delivery)))
            if let kind = Self.kind(delivery) { injections.append(Injection(fault: kind, volume: number)) }
            if delivery == .sent, Self.happens(faults, .duplicate, seed, number) {
                steps.append(Step(due: moment, action: .volume(place: place, .again)))
                injections.append(Injection(fault: .duplicate, volume: number))
            }
            if let place = held { steps.append(Step(due: moment, action: .volume(place: place, .late))) }
            held = delivery == .heldBack ? place : nil
        }
        for rest in event..<max(event, onsets.count) {
            steps.append(Step(due: max(0, onsets[rest]) / speed, action: .event(rest)))
        }
    }

    /// The places of volumes that come a second time.
    var returning: Set<Int> {
        Set(
            steps.compactMap { step in
                if case .volume(let place, let delivery) = step.action, delivery.isRepeated { place } else { nil }
            }
        )
    }

    /// How often a fault of a kind is injected.
    public func count(_ kind: ReplayFault.Kind) -> Int { injections.count { $0.fault == kind } }

    private static func delivery(
        _ faults: [ReplayFault],
        _ seed: UInt64,
        _ number: Int,
        isLast: Bool
    ) -> ReplayDelivery {
        if happens(faults, .drop, seed, number) { return .dropped }
        if happens(faults, .withhold, seed, number) { return .withheld }
        if happens(faults, .corrupt, seed, number) { return .corrupted }
        return !isLast && happens(faults, .reorder, seed, number) ? .heldBack : .sent
    }

    private static func kind(_ delivery: ReplayDelivery) -> ReplayFault.Kind? {
        switch delivery {
        case .dropped: .drop
        case .withheld: .withhold
        case .corrupted: .corrupt
        case .heldBack: .reorder
        case .sent, .late, .again: nil
        }
    }

    private static func happens(_ faults: [ReplayFault], _ kind: ReplayFault.Kind, _ seed: UInt64, _ number: Int)
        -> Bool
    {
        faults.contains { fault in
            switch fault {
            case .drop(let probability), .withhold(let probability), .duplicate(let probability),
                .reorder(let probability), .corrupt(let probability):
                fault.kind == kind && draw(seed, kind, number) < probability
            default: false
            }
        }
    }

    /// A number from 0 to 1 that depends on nothing but the seed, the kind of fault and the volume (SplitMix64).
    private static func draw(_ seed: UInt64, _ kind: ReplayFault.Kind, _ number: Int) -> Double {
        let index = UInt64(ReplayFault.Kind.allCases.firstIndex(of: kind) ?? 0)
        var state = seed
        for word in [index + 1, UInt64(number) + 1] {
            state &+= word &* 0x9E37_79B9_7F4A_7C15
            state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
            state ^= state >> 31
        }
        return Double(state >> 11) * 0x1p-53
    }
}
