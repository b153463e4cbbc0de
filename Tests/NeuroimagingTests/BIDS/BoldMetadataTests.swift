import Foundation
import Neuroimaging
import SharedMaterial
import Testing

@Suite("The metadata of a run")
struct BoldMetadataTests {
    func metadata(_ json: String...) throws -> BoldMetadata {
        try BoldMetadata(json: json.map { Array($0.utf8) }, name: "bold.json")
    }

    func failure(_ json: String) -> NeuroimagingError? {
        #expect(throws: NeuroimagingError.self) { try metadata(json) }
    }

    @Test("holds times in seconds, directions and names")
    func values() throws {
        let metadata = try metadata(
            """
            {"RepetitionTime": 2, "EchoTime": 0.03, "SliceTiming": [0, 1, 0.5, 1.5], "PhaseEncodingDirection": "j-",
             "TaskName": "rest", "NumberOfVolumesDiscardedByScanner": 4, "NumberOfVolumesDiscardedByUser": 2,
             "FlipAngle": 77, "Manufacturer": null, "Other": {"a": [true, 1]}}
            """
        )
        #expect(metadata.repetitionTime == 2 && metadata.echoTime == 0.03)
        #expect(metadata.sliceTiming == [0, 1, 0.5, 1.5])
        #expect(metadata.phaseEncodingDirection?.axis == 1 && metadata.phaseEncodingDirection?.isReversed == true)
        #expect(metadata.taskName == "rest" && metadata.manufacturer == nil)
        #expect(metadata.volumesDiscardedByScanner == 4 && metadata.volumesDiscardedByUser == 2)
        #expect(try metadata.frameTimes(count: 3) == [0, 2, 4])
    }

    @Test("suspects milliseconds")
    func milliseconds() {
        #expect(failure(#"{"RepetitionTime": 2000}"#)?.detail.contains("in ms") == true)
        #expect(failure(#"{"RepetitionTime": 2, "EchoTime": 30}"#)?.detail.contains("in ms") == true)
        #expect(failure(#"{"RepetitionTime": 2, "SliceTiming": [0, 500]}"#)?.detail.contains("in ms") == true)
    }

    @Test("refuses times outside of a volume, and values of a wrong type")
    func contradictions() {
        for json in [
            #"{"RepetitionTime": 2, "SliceTiming": [0, 2.1]}"#, #"{"RepetitionTime": 2, "SliceTiming": [-0.1]}"#,
            #"{"RepetitionTime": "2"}"#, #"{"RepetitionTime": true}"#, #"{"RepetitionTime": 0}"#,
            #"{"RepetitionTime": 1, "PhaseEncodingDirection": "AP"}"#, #"{"RepetitionTime": 1, "SliceTiming": 3}"#,
            #"{"RepetitionTime": 1, "NumberOfVolumesDiscardedByScanner": 1.5}"#, #"{"RepetitionTime": 1"#, "[]", "",
            #"{"RepetitionTime": 1, "EchoTime": NaN}"#, #"{"VolumeTiming": [0, 2, 2]}"#,
            #"{"VolumeTiming": [0, 2, 4], "SliceTiming": [3]}"#,
        ] {
            #expect(failure(json)?.code == .malformed, "\(json)")
        }
        #expect(failure("{}")?.code == .missing)
        #expect(failure(#"{"RepetitionTime": 1, "VolumeTiming": [0, 1]}"#)?.code == .inconsistent)
    }

    @Test("refuses values nested without end")
    func nesting() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(failure(#"{"RepetitionTime": 1, "x": \#(deep)}"#)?.code == .malformed)
        let closed = deep + String(repeating: "]", count: 100_000)
        #expect(failure(#"{"RepetitionTime": 1, "x": \#(closed)}"#)?.code == .malformed)
    }

    @Test("tells when sparse volumes began")
    func sparse() throws {
        let metadata = try metadata(#"{"VolumeTiming": [1, 5, 6.5]}"#)
        #expect(metadata.repetitionTime == nil)
        #expect(try metadata.frameTimes(count: 3) == [0, 4, 5.5])
        #expect(throws: NeuroimagingError.self) { try metadata.frameTimes(count: 4) }
    }

    @Test("of a nearer sidecar replaces that of one further away")
    func inheritance() throws {
        let metadata = try metadata(#"{"RepetitionTime": 2, "TaskName": "a"}"#, #"{"TaskName": "b"}"#)
        #expect(metadata.repetitionTime == 2 && metadata.taskName == "b")
    }

    @Test(
        "that dcm2niix wrote is read",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"),
        arguments: [
            ("dcmqa-stc/Ref/Siemens_ax_asc_35sl_6", 3, 35, BoldMetadata.Direction?.some(.jReversed)),
            ("dcmqa-stc/Ref/GE_Brain_Routine_2", 1.5, 8, .some(.j)),
            ("dcmqa-enh/Ref/Siemens_REST1_w_SMS_PF7-8_6", 0.5, 6, .some(.jReversed)),
            ("dcmqa-nih/Ref/EPI_PE=RL_5", 2.43537, 5, .some(.i)),
            ("dcmqa-nih/Ref/EPI_PE=LR_6", 2.43537, 5, .some(.iReversed)),
            ("dcmqa-philips-fmri/Ref/EPI_asc_CLEAR_201", 2, 0, nil),
        ]
    )
    func converted(_ file: String, _ time: Double, _ slices: Int, _ direction: BoldMetadata.Direction?) throws {
        let url = try SharedMaterial.url("data/\(file).json")
        let metadata = try BoldMetadata(json: [UInt8](Data(contentsOf: url)), name: url.path)
        #expect(metadata.repetitionTime == time)
        #expect((metadata.sliceTiming ?? []).count == slices)
        #expect(metadata.phaseEncodingDirection == direction)
    }
}
