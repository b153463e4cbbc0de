import Foundation
import Neuroimaging
import Settings
import SharedMaterial
import TestSupport
import Testing

@testable import Simulation

@Suite("Haemodynamic responses of sites")
struct HemodynamicLibraryTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func settings(_ rows: [String]) throws -> CortexSettings {
        let file = folder.path("responses.tsv")
        try rows.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        var settings = CortexSettings()
        settings.responses = file
        return settings
    }

    @Test("peak within the range of measured ones, each at its time")
    func builtIn() throws {
        let library = try HemodynamicLibrary(CortexSettings())
        for (response, peak) in zip(library.responses, library.peaks) {
            let kernel = try response.kernel(repetitionTime: 1, oversampling: 100)
            let largest = try #require(kernel.indices.max { kernel[$0] < kernel[$1] })
            #expect(abs(Double(largest) / 100 - peak) < 0.03)
        }
        #expect(library.peaks.first == 2.7 && abs((library.peaks.last ?? 0) - 5.7) < 1e-9)
    }

    @Test("are those of a file, whose peaks are found and scaled to 1")
    func measured() throws {
        var settings = try settings(["0\t0", "1\t4", "2\t8", "1\t6", "0\t0"])
        settings.responseInterval = 2
        let library = try HemodynamicLibrary(settings)
        #expect(library.peaks == [4, 4])
        for (response, second) in zip(library.responses, [0.5, 0.5]) {
            let kernel = try response.kernel(repetitionTime: 1, oversampling: 1)
            #expect(kernel[4] == 1 && kernel[2] == second && kernel.count == 9)
        }
    }

    @Test(
        "of GLMsingle's library have the peaks that another program finds",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)")
    )
    func glmSingle() throws {
        var settings = CortexSettings()
        settings.responses = try SharedMaterial.url("data/glmsingle-hrf/glmsingle/hrf/getcanonicalhrflibrary.tsv").path
        let tenths = [27, 28, 30, 30, 31, 33, 34, 36, 39, 41, 43, 45, 47, 49, 51, 53, 54, 56, 56, 57]
        #expect(try HemodynamicLibrary(settings).peaks == tenths.map { Double($0) / 10 })
    }

    @Test("that are no numbers, or never rise, are refused by name")
    func refused() throws {
        #expect {
            try HemodynamicLibrary(settings(["0\t0", "-1\t1", "0\t0"]))
        } throws: { "\($0)".contains("responses.tsv") && "\($0)".contains("column 1") }
        #expect {
            try HemodynamicLibrary(settings(["0\t0", "1\tmuch", "0\t0"]))
        } throws: { $0 is NeuroimagingError && "\($0)".contains("responses.tsv") }
        var absent = CortexSettings()
        absent.responses = folder.path("absent.tsv")
        #expect(throws: NeuroimagingError.self) { try HemodynamicLibrary(absent) }
    }
}
