import Foundation

/// A region of the simulated visual cortex.
public enum VisualArea: Int, Sendable, CaseIterable, Codable {
    /// The primary visual cortex, then the second and third area.
    case v1 = 1
    case v2
    case v3
    /// Higher regions: shapes and categories.
    case higher

    /// Its name.
    public var name: String {
        switch self {
        case .v1: "V1"
        case .v2: "V2"
        case .v3: "V3"
        case .higher: "higher"
        }
    }

    /// The deviation of a receptive field in degrees, `intercept + slope × eccentricity`: fields grow from area to area
    /// (after Dumoulin & Wandell, NeuroImage 39, 2008).
    var receptiveFieldSize: (intercept: Double, slope: Double) {
        switch self {
        case .v1: (0.35, 0.08)
        case .v2: (0.5, 0.13)
        case .v3: (0.7, 0.2)
        case .higher: (0, 0)
        }
    }

    /// The exponent of spatial summation, which is more compressive from area to area.
    ///
    /// After Kay and others, J Neurophysiol 110, 2013.
    var compression: Double {
        switch self {
        case .v1: 0.6
        case .v2: 0.5
        case .v3: 0.4
        case .higher: 1
        }
    }

    /// Where its middle lies from the midline, and how wide it is, in mm.
    var strip: (centre: Double, width: Double) {
        switch self {
        case .v1: (8, 9)
        case .v2: (17, 9)
        case .v3: (26, 9)
        case .higher: (38, 14)
        }
    }
}
