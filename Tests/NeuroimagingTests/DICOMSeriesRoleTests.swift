import Foundation
import SharedMaterial
import Testing

@testable import Neuroimaging

@Suite("What a series is for")
struct DICOMSeriesRoleTests {
    func role(
        type: String = "ORIGINAL\\PRIMARY\\M",
        extra: (inout DICOMWriter) -> Void = { _ in }
    ) throws -> DICOMSeriesRole {
        var writer = DICOMWriter()
        writer.addImage(instance: 1, columns: 2, rows: 2, pixels: [1, 2, 3, 4], type: type, extra: extra)
        return try DICOMImage(writer.file()).role
    }

    func isOther(_ role: DICOMSeriesRole) -> Bool { if case .other = role { true } else { false } }

    @Test("is functional where it is echo-planar, or announces several time points")
    func functional() throws {
        #expect(try role { $0.add(0x0018_0020, "CS", "EP\\GR") } == .functional)
        #expect(try role { $0.add(0x0018_9018, "CS", "YES") } == .functional)
        #expect(try role { $0.add(0x0018_0024, "SH", "*epfid2d1_64") } == .functional)
        #expect(try role(type: "ORIGINAL\\PRIMARY\\EPI\\NONE") == .functional)
        #expect(try role { $0.add(0x0020_0105, "IS", "156") } == .functional)
    }

    @Test("is motion-corrected where the scanner says so in either place")
    func corrected() throws {
        let planar = { (writer: inout DICOMWriter) in writer.add(0x0018_0020, "CS", "EP") }
        #expect(try role(type: "DERIVED\\PRIMARY\\M\\MOCO", extra: planar) == .motionCorrected)
        let named = try role { writer in
            planar(&writer)
            writer.add(0x0008_103E, "LO", "MoCoSeries")
        }
        #expect(named == .motionCorrected)
    }

    @Test("is none for localizers, single volumes, references, derived, phase, diffusion and later echoes")
    func others() throws {
        let planar = { (writer: inout DICOMWriter) in writer.add(0x0018_0020, "CS", "EP") }
        #expect(isOther(try role()))
        #expect(isOther(try role(type: "ORIGINAL\\PRIMARY\\LOCALIZER", extra: planar)))
        #expect(isOther(try role(type: "DERIVED\\SECONDARY\\M", extra: planar)))
        #expect(isOther(try role(type: "ORIGINAL\\PRIMARY\\P", extra: planar)))
        #expect(isOther(try role(type: "ORIGINAL\\PRIMARY\\DIFFUSION", extra: planar)))
        for (tag, kind, text) in [
            (0x0018_0086 as UInt32, "IS", "2"), (0x0020_0105, "IS", "1"), (0x0008_103E, "LO", "bold_SBRef"),
            (0x0018_9075, "CS", "DIRECTIONAL"),
        ] {
            let other = try role { writer in
                planar(&writer)
                writer.add(tag, kind, text)
            }
            #expect(isOther(other), "\(text)")
        }
        let weighted = try role { writer in
            planar(&writer)
            writer.add(0x0018_9087, doubles: [1000])
        }
        #expect(isOther(weighted))
    }

    @Test(
        "is functional for every real run",
        .enabled(if: SharedMaterial.isPresent, Comment(rawValue: SharedMaterial.missing)),
        arguments: [
            "rtcloud-siemens-mosaic/projects", "pyneal-scanners/tests/testData", "dcmqa-enh", "dcmqa-nih",
            "dcmqa-philips-fmri", "dcmqa-stc", "dcmqa-transfersyntax",
        ]
    )
    func real(_ folder: String) throws {
        let files = try DICOMAssemblerTests.files(folder)
        #expect(!files.isEmpty)
        for file in files { #expect(try DICOMImage(file.bytes).role == .functional, "\(file.name)") }
    }

    @Test("days are counted as calendars do")
    func days() {
        let calendar = Calendar(identifier: .gregorian)
        for (text, year, month, day) in [
            ("19700101", 1970, 1, 1), ("20240229", 2024, 2, 29), ("20261125120000", 2026, 11, 25),
        ] {
            let date = calendar.date(from: DateComponents(timeZone: .gmt, year: year, month: month, day: day))
            #expect(DICOMTime.day(text).map { Double($0) * 86400 } == date?.timeIntervalSince1970)
        }
        #expect(DICOMTime.day("20241301") == nil && DICOMTime.day("") == nil && DICOMTime.day("2024") == nil)
    }
}
