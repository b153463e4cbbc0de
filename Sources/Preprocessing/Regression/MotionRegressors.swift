/// How head motion enters a regression.
public enum MotionModel: String, Sendable, Equatable, Codable, CaseIterable {
    /// Not at all.
    case none
    /// The six parameters.
    case six
    /// The six parameters, those of the previous volume, and the squares of these twelve.
    case twentyFour

    /// The number of regressors.
    public var count: Int {
        switch self {
        case .none: 0
        case .six: 6
        case .twentyFour: 24
        }
    }
}

/// The regressors of head motion, volume by volume.
///
/// The 24 are those of Friston et al., "Movement-related effects in fMRI time-series", Magn. Reson. Med. 35, 1996: what
/// a movement does to the spins lasts into the next volume. For the first volume, the previous parameters are zero.
public struct MotionRegressors: Sendable, Equatable {
    /// Which regressors.
    public let model: MotionModel
    private var previous = [Double](repeating: 0, count: 6)

    /// Starts before the first volume.
    public init(model: MotionModel) { self.model = model }

    /// The names of the regressors.
    public var names: [String] {
        let six = ["tx", "ty", "tz", "rx", "ry", "rz"]
        switch model {
        case .none: return []
        case .six: return six
        case .twentyFour:
            let twelve = six + six.map { $0 + " before" }
            return twelve + twelve.map { $0 + " squared" }
        }
    }

    /// The squares of what each regressor is where the head has moved by 1 mm; rotations count at 50 mm, as in framewise
    /// displacement.
    var squaredScales: [Double] {
        let six = [1, 1, 1] + [Double](repeating: 1 / 2500, count: 3)
        return switch model {
        case .none: []
        case .six: six
        case .twentyFour: six + six + (six + six).map { $0 * $0 }
        }
    }

    /// The regressors of the next volume, in mm and radians and their squares.
    public mutating func row(_ motion: RigidMotion) -> [Double] {
        let now = motion.parameters
        defer { previous = now }
        switch model {
        case .none: return []
        case .six: return now
        case .twentyFour:
            let twelve = now + previous
            return twelve + twelve.map { $0 * $0 }
        }
    }

    /// Writes the position at the previous volume.
    public func save(to state: inout StateWriter) { state.write(previous) }

    /// Goes on from a saved position.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        previous = try state.doubles(6)
    }
}
