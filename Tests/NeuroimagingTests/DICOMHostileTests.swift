import Foundation
import SharedMaterial
import Testing

@testable import Neuroimaging

@Suite("Damaged DICOM files")
struct DICOMHostileTests {
    @Test("with numbers at the limits are read or refused, and never trap")
    func limits() throws {
        let numbers = ["-9223372036854775808", "9223372036854775807", "1e308", "-1e308", "0", "-1", "nan", ""]
        let tags: [UInt32] = [0x0020_0013, 0x0020_0012, 0x0020_0100, 0x0020_0011, 0x0020_1002]
        for vendor in ["SIEMENS", "GE", "Philips", "UIH", ""] {
            for number in numbers {
                for tag in tags {
                    var assembler = DICOMAssembler()
                    for slice in 0..<2 {
                        var writer = DICOMWriter()
                        // The first element with a tag is the one that counts.
                        writer.add(tag, "IS", number)
                        writer.addImage(
                            instance: slice + 1,
                            columns: 2,
                            rows: 2,
                            pixels: [1, 2, 3, 4],
                            manufacturer: vendor,
                            position: "0\\0\\\(slice)",
                            acquisition: 1
                        )
                        _ = try? assembler.add(writer.file())
                    }
                    _ = assembler.finish()
                }
                var writer = DICOMWriter()
                writer.add(0x0020_0032, "DS", "\(number)\\\(number)\\\(number)")
                writer.add(0x0018_0088, "DS", number)
                writer.addImage(instance: 1, columns: 2, rows: 2, pixels: [1, 2, 3, 4], manufacturer: vendor)
                var assembler = DICOMAssembler()
                _ = try? assembler.add(writer.file())
                let volumes = assembler.finish()
                #expect(volumes.allSatisfy { $0.volume.grid.affine.isUsable })
            }
        }
    }

    @Test("that say they are huge are refused before memory is taken for them")
    func huge() {
        for (frames, syntax) in [("1000000", nil), ("1", "1.2.840.10008.1.2.5"), ("999999999", nil)] {
            var writer = DICOMWriter()
            writer.add(0x0028_0008, "IS", frames)
            writer.add(0x0028_0010, short: 65535)
            writer.add(0x0028_0011, short: 65535)
            writer.addImage(instance: 1, columns: 2, rows: 2, pixels: [1, 2, 3, 4])
            #expect(throws: NeuroimagingError.self) { try DICOMImage(writer.file(syntax)) }
        }
    }

    @Test(
        "with bytes changed at random never trap",
        .enabled(if: SharedMaterial.isPresent, Comment(rawValue: SharedMaterial.missing)),
        arguments: [
            "dcmqa-enh/In/Siemens/XA10/6_1.dcm", "dcmqa-nih/In/20180918Si/mr_0003/epi_pe_ap-00001.dcm",
            "dcmqa-stc/In/GE/RTIA/2_epiRT_ascending/0001.dcm",
            "dcmqa-philips-fmri/In/Magdeburg_2014/fmri/201_EPI_asc_CLEAR_0001_01.dcm",
        ]
    )
    func random(_ path: String) throws {
        let bytes = [UInt8](try Data(contentsOf: try SharedMaterial.url("data/" + path)))
        var random = SplitMix(state: 11)
        var assembler = DICOMAssembler()
        for _ in 0..<40 {
            var changed = bytes
            for _ in 0..<8 {
                changed[Int.random(in: 132..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) {
                changed.removeSubrange(Int.random(in: 200..<bytes.count, using: &random)...)
            }
            _ = try? assembler.add(changed)
        }
        _ = assembler.finish()
    }
}
