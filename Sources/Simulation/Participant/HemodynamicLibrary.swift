import Neuroimaging

/// Responses of different speed.
///
/// The 20 responses that GLMsingle measured (doi:10.7554/eLife.77599) peak between 2.7 and 5.7 s and last 3 to 4.7 s at
/// half their height; so do these double gammas.
enum HemodynamicLibrary {
    /// When the responses peak, in s.
    static let peaks = (0..<16).map { 2.7 + 0.2 * Double($0) }

    /// The responses in the order of their peaks.
    static func responses() throws -> [HemodynamicResponse] {
        try peaks.map { peak in
            let dispersion = 0.55 + 0.06 * (peak - 2.7)
            return HemodynamicResponse(
                try DoubleGamma(
                    delay: peak + dispersion,
                    undershoot: peak + 8,
                    dispersion: dispersion,
                    undershootDispersion: 1,
                    ratio: 0.25,
                    length: 32
                ),
                scale: .unitPeak
            )
        }
    }
}
