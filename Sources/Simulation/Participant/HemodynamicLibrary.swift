import Foundation
import Neuroimaging
import Settings

/// Haemodynamic responses of different speed, of which each site has one.
struct HemodynamicLibrary: Sendable {
    /// The responses, whose peak is 1.
    let responses: [HemodynamicResponse]
    /// When each of them peaks, in s.
    let peaks: [Double]

    /// Reads the measured responses that the settings name, or makes double gammas of the same range.
    ///
    /// The 20 responses that GLMsingle measured (doi:10.7554/eLife.77599) peak between 2.7 and 5.7 s and last 3 to 4.7 s
    /// at half their height; so do these double gammas.
    /// - Throws: `NeuroimagingError` if the file cannot be read or has anything but numbers, ``SimulationError`` if a
    ///   response never rises.
    init(_ settings: CortexSettings) throws {
        guard let file = settings.responses else {
            peaks = (0..<16).map { 2.7 + 0.2 * Double($0) }
            responses = try peaks.map(Self.response)
            return
        }
        let table = try TabularFile(contentsOf: URL(fileURLWithPath: file), hasHeader: false)
        responses = try HemodynamicResponse.library(table, interval: settings.responseInterval, scale: .unitPeak)
        peaks = try responses.enumerated().map { column, response in
            let kernel = try response.kernel(repetitionTime: 1, oversampling: 10)
            guard let peak = kernel.indices.max(by: { kernel[$0] < kernel[$1] }), kernel[peak] == 1 else {
                throw SimulationError(.input, file, "the response of column \(column + 1) is not largest above 0")
            }
            return Double(peak) / 10
        }
    }

    private static func response(peak: Double) throws -> HemodynamicResponse {
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
