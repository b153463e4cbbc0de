import Foundation
import Neuroimaging
import SharedMaterial
import Testing

@Suite("A table of events")
struct EventTableTests {
    func events(_ text: String) throws -> EventTable {
        try EventTable(TabularFile(Array(text.utf8), name: "events.tsv"))
    }

    @Test("is sorted by onset, whatever the order of lines and columns")
    func order() throws {
        let table = try events(
            "trial_type\tonset\tresponse_time\tduration\nb\t4\t0.5\tn/a\na\t-3\tn/a\t2\nc\t4\t0.25\t0\n"
        )
        #expect(
            table.events == [
                StimulusEvent(onset: -3, duration: 2, trialType: "a"),
                StimulusEvent(onset: 4, duration: nil, trialType: "b", attributes: ["response_time": "0.5"]),
                StimulusEvent(onset: 4, duration: 0, trialType: "c", attributes: ["response_time": "0.25"]),
            ]
        )
        #expect(table.trialTypes == ["a", "b", "c"])
        #expect(table.events(of: "b").count == 1)
    }

    @Test("names file, line and column of onsets and durations that cannot be, and says what to do")
    func failures() {
        let cases = [
            ("onset\tduration\n1\t2\nn/a\t1\n", "line 3, column onset"),
            ("onset\tduration\nNaN\t2\n", "line 2, column onset"),
            ("onset\tduration\n1\t-2\n", "line 2, column duration"),
            ("onset\tduration\n1\tinf\n", "line 2, column duration"),
            ("onset\tduration\n1\tlong\n", "line 2, column duration"),
            ("onset\tduration\tmodulation\n1\t1\tinf\n", "line 2, column modulation"),
        ]
        for (text, place) in cases {
            let error = #expect(throws: NeuroimagingError.self) { try events(text) }
            #expect(error?.subject == "events.tsv: \(place)")
            #expect(error?.detail.contains(";") == true || error?.detail.contains("finite") == true)
        }
    }

    @Test("needs onsets and durations, and suspects commas")
    func columns() {
        let error = #expect(throws: NeuroimagingError.self) { try events("onset,duration\n1,2\n") }
        #expect(error?.code == .missing)
        #expect(error?.detail.contains("tabs") == true)
        #expect(throws: NeuroimagingError.self) { try events("onset\n1\n") }
    }

    @Test("is read as it was written")
    func writing() throws {
        let table = EventTable([
            StimulusEvent(onset: 2.125, duration: nil, trialType: "cat", modulation: 0.5),
            StimulusEvent(onset: -1, duration: 3, stimulusFile: "a b.png", attributes: ["key": "left\thand"]),
        ])
        let again = try EventTable(TabularFile(table.table().content))
        #expect(again == table)
        #expect(again.events[0].onset == -1)
    }

    @Test(
        "of studyforrest's localizer has 16 stimuli of each of 6 kinds",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)")
    )
    func studyforrest() throws {
        let table = try EventTable(
            contentsOf: SharedMaterial.url("data/studyforrest-localizer-dicom/events_half1.tsv")
        )
        #expect(table.events.count == 96)
        #expect(Set(table.trialTypes) == ["scene", "house", "face", "body", "object", "scramble"])
        #expect(table.trialTypes.allSatisfy { table.events(of: $0).count == 16 })
        #expect(table.events[0].onset == 12.028)
        #expect(table.events[2].stimulusFile == "stimuli/visualarea_localizer/lcm/face12_lcm.png")
    }

    @Test(
        "of every public example is read",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)")
    )
    func examples() throws {
        var tables = 0
        var events = 0
        for folder in ["data/confounds-events/bids-examples", "data/pymvpa-data"] {
            let root = try SharedMaterial.url(folder).resolvingSymlinksInPath()
            let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
            for case let url as URL in files where url.lastPathComponent.hasSuffix("_events.tsv") {
                let table = try EventTable(contentsOf: url)
                tables += 1
                events += table.events.count
                #expect(zip(table.events, table.events.dropFirst()).allSatisfy { $0.onset <= $1.onset })
            }
        }
        #expect(tables == 103)
        #expect(events == 10115)
    }
}
