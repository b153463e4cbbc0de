import Foundation

/// Something that goes wrong on purpose while a run is sent.
public enum ReplayFault: Sendable, Equatable {
    /// The kinds, without how much.
    public enum Kind: String, Sendable, CaseIterable, Codable {
        /// See the cases of the fault.
        case drop, withhold, duplicate, reorder, delay, corrupt, stall, disconnect
    }

    /// Each volume is lost for good with some probability.
    case drop(Double)
    /// Each volume is lost on the way with some probability, and can be asked for again.
    case withhold(Double)
    /// Each volume is sent twice with some probability.
    case duplicate(Double)
    /// Each volume changes places with the next one with some probability.
    case reorder(Double)
    /// Each volume comes late, by up to some s.
    case delay(Double)
    /// A byte of each volume is changed with some probability; a file is cut short.
    case corrupt(Double)
    /// From a volume on, nothing is sent for some s; what was due meanwhile follows at once.
    case stall(volume: Int, seconds: Double)
    /// Before a volume, the connection is closed for some s.
    case disconnect(volume: Int, seconds: Double)

    /// Its kind.
    public var kind: Kind {
        switch self {
        case .drop: .drop
        case .withhold: .withhold
        case .duplicate: .duplicate
        case .reorder: .reorder
        case .delay: .delay
        case .corrupt: .corrupt
        case .stall: .stall
        case .disconnect: .disconnect
        }
    }

    /// Reads `drop:0.1`, `delay:0.5`, `stall:20:3` and so on; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let kind = parts.first.flatMap(Kind.init), let first = parts.dropFirst().first else { return nil }
        let numbers = parts.dropFirst().map { Double($0) ?? .nan }
        guard numbers.allSatisfy({ $0.isFinite && $0 >= 0 }) else { return nil }
        switch (kind, numbers.count) {
        case (.stall, 2), (.disconnect, 2):
            guard let volume = Int(first), numbers[1] <= 86_400 else { return nil }
            self =
                kind == .stall
                ? .stall(volume: volume, seconds: numbers[1]) : .disconnect(volume: volume, seconds: numbers[1])
        case (.delay, 1):
            guard numbers[0] <= 86_400 else { return nil }
            self = .delay(numbers[0])
        case (.drop, 1), (.withhold, 1), (.duplicate, 1), (.reorder, 1), (.corrupt, 1):
            guard numbers[0] <= 1 else { return nil }
            switch kind {
            case .drop: self = .drop(numbers[0])
            case .withhold: self = .withhold(numbers[0])
            case .duplicate: self = .duplicate(numbers[0])
            case .reorder: self = .reorder(numbers[0])
            default: self = .corrupt(numbers[0])
            }
        default: return nil
        }
    }
}
