import Foundation
import Neuroimaging
import SharedMaterial
import Testing

/// One row of the manifest: what pydicom made of a file.
struct DICOMFixture: Sendable, CustomTestStringConvertible {
    let path: String
    let isRead: Bool
    let syntaxName: String
    let elements: Int?
    let pixels: String

    var testDescription: String { path }

    /// The first 16 digits of the SHA-256 of the pixels, where pydicom could read them.
    var hash: String? {
        let parts = pixels.split(separator: "'")
        return pixels.hasPrefix("((")
            ? parts.last { $0.count == 16 && $0.allSatisfy(\.isHexDigit) }.map(String.init) : nil
    }

    static let all: [DICOMFixture] = {
        ManifestRow.all("dicom.tsv").map { row in
            let fields = row.fields
            return DICOMFixture(
                path: fields[0],
                isRead: fields[1] == "OK",
                syntaxName: fields[2],
                elements: Int(fields[5]),
                pixels: fields[1] == "OK" && Int(fields[5]) == nil ? fields[3] : fields[6]
            )
        }
    }()

    func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: try SharedMaterial.url("data/" + path))) }
}

@Suite("A DICOM file", .enabled(if: SharedMaterial.isPresent, Comment(rawValue: SharedMaterial.missing)))
struct DICOMFixtureTests {
    @Test(
        "is read or refused as by an independent reader, with the same elements and pixels",
        arguments: DICOMFixture.all
    )
    func agrees(_ fixture: DICOMFixture) throws {
        let bytes = try fixture.bytes()
        guard fixture.isRead else {
            let error = #expect(throws: NeuroimagingError.self) { try DICOMDataSet(bytes) }
            #expect(error?.detail.contains("missing DICM prefix") == true)
            return
        }
        let dataSet = try DICOMDataSet(bytes)
        if let elements = fixture.elements {
            #expect(dataSet.tags.count { $0.group != 2 } == elements)
        }
        let isForeign = dataSet.transferSyntax.pixelEncoding == .foreign
        guard let hash = fixture.hash, !isForeign else {
            let error = #expect(throws: NeuroimagingError.self) {
                let pixels = try DICOMPixelData(dataSet)
                try pixels.check()
            }
            if isForeign { #expect(error?.code == .unsupported) }
            return
        }
        let pixels = try DICOMPixelData(dataSet)
        var stored: [UInt8] = []
        for frame in 0..<pixels.frames { stored += try pixels.storedBytes(frame: frame) }
        #expect(ManifestRow.digest(stored) == hash)
    }

    @Test("that was cut short says how many bytes are missing")
    func truncated() throws {
        let path = "data/rtcloud-siemens-mosaic/tests/test_input/trunc_001_000013_000005.dcm"
        let pixels = try DICOMPixelData(try DICOMDataSet([UInt8](try Data(contentsOf: try SharedMaterial.url(path)))))
        let error = #expect(throws: NeuroimagingError.self) { try pixels.check() }
        #expect(error?.code == .truncated)
        #expect(error?.detail.contains("expected 294912 bytes and found 145082") == true)
    }

    @Test(
        "cut anywhere is refused or has no whole pixels",
        arguments: ["MR_small.dcm", "MR_small_RLE.dcm", "nested_priv_SQ.dcm"]
    )
    func cutAnywhere(_ name: String) throws {
        let bytes = [UInt8](try Data(contentsOf: try SharedMaterial.url("data/fixtures/dicom-pydicom/" + name)))
        for count in stride(from: 0, to: bytes.count - 140, by: 61) {
            #expect(throws: NeuroimagingError.self, "\(count) bytes") {
                let dataSet = try DICOMDataSet(Array(bytes.prefix(count)))
                try DICOMPixelData(dataSet).check()
            }
        }
    }

    @Test(
        "with any byte changed never traps",
        arguments: ["MR_small.dcm", "MR_small_RLE.dcm", "MR_small_implicit.dcm"]
    )
    func changedAnywhere(_ name: String) throws {
        var bytes = [UInt8](try Data(contentsOf: try SharedMaterial.url("data/fixtures/dicom-pydicom/" + name)))
        var read = 0
        for index in stride(from: 128, to: min(bytes.count, 2600), by: 3) {
            let byte = bytes[index]
            for value: UInt8 in [0, 0xFF, byte ^ 0x80] {
                bytes[index] = value
                if let dataSet = try? DICOMDataSet(bytes), let pixels = try? DICOMPixelData(dataSet) {
                    read += (try? pixels.check()) == nil ? 0 : 1
                }
            }
            bytes[index] = byte
        }
        #expect(read > 0)
    }
}
