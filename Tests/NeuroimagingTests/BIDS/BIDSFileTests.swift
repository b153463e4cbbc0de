import Foundation
import Neuroimaging
import SharedMaterial
import Testing

@Suite("The name of a BIDS file")
struct BIDSFileTests {
    @Test("is made of entities, a suffix and an extension")
    func name() throws {
        let file = try #require(BIDSFile(URL(fileURLWithPath: "/d/sub-01_task-rest_run-02_bold.nii.gz")))
        #expect(file.entities == ["sub": "01", "task": "rest", "run": "02"])
        #expect(file.suffix == "bold" && file.fileExtension == ".nii.gz")
        for name in ["sub-01.nii", "sub_bold.nii", "sub-_bold.nii", "sub-1_sub-2_bold.nii", "_.nii"] {
            #expect(BIDSFile(URL(fileURLWithPath: "/d/" + name)) == nil, "\(name)")
        }
    }

    @Test(
        "leads to events beside the run or above it, and to metadata above it",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)")
    )
    func examples() throws {
        let root = try SharedMaterial.url("data/confounds-events/bids-examples")
        let run = { (path: String) in try #require(BIDSFile(root.appendingPathComponent(path))) }
        let beside = try run("ds105/sub-6/func/sub-6_task-objectviewing_run-03_bold.nii.gz")
        #expect(try beside.events()?.events.count == 96)
        #expect(try beside.metadata()?.repetitionTime == 2.5)
        let above = try run("ds114/sub-01/ses-test/func/sub-01_ses-test_task-fingerfootlips_bold.nii.gz")
        #expect(try above.events()?.events.count == 15)
        #expect(try above.metadata()?.sliceTiming?.count == 30)
        let absent = try run("ds114/sub-01/ses-test/func/sub-01_ses-test_task-rest_bold.nii.gz")
        #expect(try absent.events() == nil && absent.metadata() == nil)
    }

    @Test("leads to the nearest file, with nearer metadata replacing that above, and not out of the data set")
    func inheritance() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("bids-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let write = { (path: String, text: String) in
            let url = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: url)
        }
        try write("task-a_events.tsv", "onset\tduration\n9\t1\n")
        try write("set/dataset_description.json", "{}")
        try write("set/task-a_bold.json", #"{"RepetitionTime": 2, "TaskName": "a"}"#)
        try write("set/sub-1/sub-1_task-a_bold.json", #"{"TaskName": "A"}"#)
        try write("set/sub-1/func/sub-1_task-b_events.tsv", "onset\tduration\n1\t1\n")
        let url = root.appendingPathComponent("set/sub-1/func/sub-1_task-a_bold.nii")
        let run = try #require(BIDSFile(url))
        #expect(try run.events() == nil)
        let metadata = try #require(try run.metadata())
        #expect(metadata.repetitionTime == 2 && metadata.taskName == "A")
        try write("set/sub-1/func/task-a_events.tsv", "onset\tduration\n1\t1\n2\t1\n")
        #expect(try run.events()?.events.count == 2)
        try write("set/sub-1/func/sub-1_events.tsv", "onset\tduration\n1\t1\n")
        #expect(throws: NeuroimagingError.self) { try run.events() }
    }
}
