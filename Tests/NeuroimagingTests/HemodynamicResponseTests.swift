import Foundation
import Neuroimaging
import SharedMaterial
import Testing

@Suite("A hemodynamic response")
struct HemodynamicResponseTests {
    @Test("has the kernel of nilearn, with derivatives", arguments: HemodynamicGolden.kernels.keys.sorted())
    func kernels(_ name: String) throws {
        let response = try #require(HemodynamicGolden.responses[name])
        let kernel = try response.kernel(repetitionTime: 2)
        #expect(kernel.count == 800)
        let golden = try #require(HemodynamicGolden.kernels[name])
        for (place, value) in zip(HemodynamicGolden.places, golden) {
            #expect(abs(kernel[place] - value) < 1e-10, "\(place)")
        }
        #expect(try response.kernel(repetitionTime: 2.3, oversampling: 16).count == 223)
    }

    @Test("peaks and dips where its parameters say, and sums to 1")
    func form() throws {
        let kernel = try HemodynamicResponse.spm.kernel(repetitionTime: 1, oversampling: 100)
        #expect(abs(kernel.reduce(0, +) - 1) < 1e-12)
        let peak = try #require(kernel.indices.max { kernel[$0] < kernel[$1] })
        // The mode of a gamma density of shape 6 and scale 1 is at 5 s.
        #expect(abs(peak - 501) <= 2)
        #expect(try HemodynamicResponse(.glover, scale: .unitPeak).kernel(repetitionTime: 1).max() == 1)
        let raw = try HemodynamicResponse(.spm, scale: .unchanged).kernel(repetitionTime: 1, oversampling: 100)
        // Γ(6) = 120: the density at 5 s is 5⁵ e⁻⁵ / 120, and the undershoot's 5¹⁵ e⁻⁵ / 15!.
        let density = pow(5, 5) * exp(-5.0) / 120 - 0.167 * pow(5, 15) * exp(-5.0) / 1_307_674_368_000
        #expect(abs(raw[501] - density) < 1e-5)
    }

    @Test("that was measured is linear between its samples")
    func measured() throws {
        let response = try HemodynamicResponse(samples: [0, 2, 1], interval: 1, scale: .unchanged)
        #expect(try response.kernel(repetitionTime: 1, oversampling: 2) == [0, 1, 2, 1.5, 1])
        #expect(response.length == 2)
        let peak = try HemodynamicResponse(samples: [0, -4, 1], interval: 1, scale: .unitPeak)
        #expect(try peak.kernel(repetitionTime: 1, oversampling: 1) == [0, -1, 0.25])
    }

    @Test("cannot be of no samples, of samples that are not finite, or of a grid without end")
    func failures() {
        for samples in [[], [1], [0, 0], [1, .nan], [1, .infinity], [1, -1]] as [[Double]] {
            #expect(throws: NeuroimagingError.self) { try HemodynamicResponse(samples: samples, interval: 1) }
        }
        #expect(throws: NeuroimagingError.self) { try HemodynamicResponse(samples: [1, 2], interval: 0) }
        for (time, oversampling) in [(0, 50), (2, 0), (2, -1), (.nan, 5), (1e-9, 50), (2, .max), (1e9, 1)] {
            #expect(throws: NeuroimagingError.self) {
                try HemodynamicResponse.spm.kernel(repetitionTime: time, oversampling: oversampling)
            }
        }
        #expect(throws: NeuroimagingError.self) {
            try DoubleGamma(
                delay: 6,
                undershoot: 12,
                dispersion: 0,
                undershootDispersion: 1,
                ratio: 0.2,
                length: 32
            )
        }
    }

    @Test(
        "is read from GLMsingle's library of 20",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)")
    )
    func library() throws {
        let url = try SharedMaterial.url("data/glmsingle-hrf/glmsingle/hrf/getcanonicalhrflibrary.tsv")
        let table = try TabularFile(contentsOf: url, hasHeader: false)
        let library = try HemodynamicResponse.library(table, interval: 0.1, scale: .unitPeak)
        #expect(library.count == 20 && library[0].length == 50)
        // Found with NumPy, in tenths of a second.
        let peaks = [27, 28, 30, 30, 31, 33, 34, 36, 39, 41, 43, 45, 47, 49, 51, 53, 54, 56, 56, 57]
        for (response, peak) in zip(library, peaks) {
            let kernel = try response.kernel(repetitionTime: 1, oversampling: 10)
            #expect(kernel[peak] == 1 && kernel.max() == 1)
        }
    }

    @Test("may differ from voxel to voxel")
    func voxelwise() throws {
        let responses = try VoxelwiseHemodynamicResponses(library: [.spm, .glover, .spm], indices: [1, 0, 1])
        #expect(responses[0] == .glover && responses[1] == .spm)
        let times = (0..<20).map { Double($0) * 2 }
        let regressors = try responses.regressors(HemodynamicGolden.events, frameTimes: times)
        #expect(regressors[2].isEmpty)
        #expect(try regressors[1] == HemodynamicResponse.glover.regressor(HemodynamicGolden.events, frameTimes: times))
        #expect(throws: NeuroimagingError.self) {
            try VoxelwiseHemodynamicResponses(library: [.spm], indices: [0, 1])
        }
        #expect(VoxelwiseHemodynamicResponses(.spm, voxels: 3).used == [0])
    }
}
