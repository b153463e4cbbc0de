/// How many colours a terminal has.
public enum ColourDepth: Sendable, Equatable {
    /// None: text only.
    case none
    /// 256: the 6×6×6 cube and 24 greys.
    case palette
    /// 24 bits.
    case full

    /// What the environment says; `NO_COLOR` (no-color.org) with anything in it means none.
    public init(environment: [String: String]) {
        if environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb" {
            self = .none
        } else {
            self = ["truecolor", "24bit"].contains(environment["COLORTERM"]) ? .full : .palette
        }
    }

    /// The number of the nearest of 256 colours, after xterm's levels.
    static func paletteIndex(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Int {
        let levels = [0, 95, 135, 175, 215, 255]
        let channels = [Int(red), Int(green), Int(blue)]
        let nearest = channels.map { channel in
            levels.indices.min { abs(levels[$0] - channel) < abs(levels[$1] - channel) } ?? 0
        }
        let distance = { (candidate: [Int]) in
            zip(candidate, channels).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        let grey = min(23, max(0, (channels.reduce(0, +) / 3 - 8 + 5) / 10))
        let greyLevel = [Int](repeating: 8 + grey * 10, count: 3)
        if distance(greyLevel) < distance(nearest.map { levels[$0] }) { return 232 + grey }
        return 16 + nearest[0] * 36 + nearest[1] * 6 + nearest[2]
    }
}
