import Parity
import SharedMaterial
import Testing

@Suite("The fMRI and image networks against the reference", .enabled(if: SharedMaterial.isPresent))
struct NetworkParityTests {
    private static let groups: [any ParityGroup.Type] = [
        FMRIAutoencoderParity.self, ContrastParity.self, PretrainingStepParity.self, FMRIEncoderParity.self,
        CrossModalParity.self, CrossModalGradientParity.self, VisionWeightsParity.self, VisionClassifierParity.self,
    ]

    @Test("Forward passes, losses, gradients and optimiser steps equal the reference, and no array is left out")
    func golden() throws {
        let folder = try FixtureFolder(SharedMaterial.url("fixtures"))
        let report = ParityReport.run(Self.groups, in: folder)
        for check in report.checks where !check.passed { Issue.record("\(ParityReport.line(check))") }
        #expect(report.passed)
        #expect(report.skipped.isEmpty)
        #expect(report.unread.isEmpty)
    }
}
