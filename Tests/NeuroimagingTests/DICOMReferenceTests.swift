import Foundation
import Neuroimaging
import SharedMaterial
import Testing

/// A folder of DICOM files, and what dcm2niix made of it.
struct DICOMReference: Sendable, CustomTestStringConvertible {
    let folder: String
    let reference: String

    var testDescription: String { reference }

    static let all = [
        DICOMReference(folder: "dcmqa-enh/In", reference: "dcmqa-enh/Ref/Siemens_REST1_w_SMS_PF7-8_6"),
        DICOMReference(folder: "dcmqa-nih/In/20180918Si/mr_0003", reference: "dcmqa-nih/Ref/EPI_PE=AP_3"),
        DICOMReference(folder: "dcmqa-nih/In/20180918Si/mr_0004", reference: "dcmqa-nih/Ref/EPI_PE=PA_4"),
        DICOMReference(folder: "dcmqa-nih/In/20180918Si/mr_0005", reference: "dcmqa-nih/Ref/EPI_PE=RL_5"),
        DICOMReference(folder: "dcmqa-nih/In/20180918Si/mr_0006", reference: "dcmqa-nih/Ref/EPI_PE=LR_6"),
        DICOMReference(folder: "dcmqa-philips-fmri/In", reference: "dcmqa-philips-fmri/Ref/EPI_asc_CLEAR_201"),
        DICOMReference(folder: "dcmqa-stc/In/GE", reference: "dcmqa-stc/Ref/GE_Brain_Routine_2"),
        DICOMReference(folder: "dcmqa-stc/In/Siemens", reference: "dcmqa-stc/Ref/Siemens_ax_asc_35sl_6"),
    ]

    struct Sidecar: Decodable {
        let RepetitionTime: Double
        let EchoTime: Double
        let SliceTiming: [Double]?
        let SeriesNumber: Int
        let PhaseEncodingDirection: String?
    }

    func sidecar() throws -> Sidecar {
        let data = try Data(contentsOf: try SharedMaterial.url("data/\(reference).json"))
        return try JSONDecoder().decode(Sidecar.self, from: data)
    }
}

@Suite(
    "A folder of DICOM files",
    .enabled(if: SharedMaterial.isPresent, Comment(rawValue: SharedMaterial.missing))
)
struct DICOMReferenceTests {
    @Test("becomes the volumes that dcm2niix makes of it", arguments: DICOMReference.all)
    func volumes(_ reference: DICOMReference) throws {
        let folder = try DICOMFolder(try SharedMaterial.url("data/" + reference.folder).path)
        let image = try NIfTIReader(path: SharedMaterial.url("data/\(reference.reference).nii").path)
        let series = try #require(folder.series.count == 1 ? folder.series[0] : nil)
        #expect(series.count == image.header.volumes)
        #expect(series.incomplete.isEmpty && series.duplicates.isEmpty && series.missingPositions.isEmpty)
        for index in 0..<min(series.count, image.header.volumes) {
            let volume = try series.volume(index)
            let expected = try image.volume(index)
            #expect(volume.volume.grid.shape == expected.grid.shape)
            #expect(volume.volume.grid.affine.distance(to: expected.grid.affine) < 1e-3)
            // Scaled values differ by rounding.
            let wrong = zip(volume.volume.voxels, expected.voxels).count { abs($0 - $1) > 1e-5 * abs($1) }
            #expect(wrong == 0, "\(wrong) of \(expected.grid.count) voxels differ in volume \(index)")
            #expect(volume.temporalPosition == index)
        }
    }

    @Test("has the times that dcm2niix finds", arguments: DICOMReference.all)
    func times(_ reference: DICOMReference) throws {
        let folder = try DICOMFolder(try SharedMaterial.url("data/" + reference.folder).path)
        let sidecar = try reference.sidecar()
        let description = try #require(folder.series.first).description
        #expect(abs((description.repetitionTime ?? 0) - sidecar.RepetitionTime) < 1e-5)
        #expect(abs((description.echoTime ?? 0) - sidecar.EchoTime) < 1e-6)
        #expect(description.seriesNumber == sidecar.SeriesNumber)
        if let direction = sidecar.PhaseEncodingDirection {
            #expect(description.phaseEncodingAxis == String(direction.prefix(1)))
        }
        let expected = sidecar.SliceTiming ?? []
        #expect(description.sliceTiming.count == expected.count)
        for (time, other) in zip(description.sliceTiming, expected) { #expect(abs(time - other) < 1e-3) }
    }
}
