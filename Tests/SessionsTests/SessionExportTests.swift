import Foundation
import Neuroimaging
import Testing

@testable import Sessions

@Suite("An exported session")
struct SessionExportTests {
    private let folder: TemporaryFolder
    private let synthetic: SyntheticSession

    init() throws {
        folder = try TemporaryFolder()
        synthetic = try SyntheticSession(in: folder.file("state"))
    }

    private func export(_ format: SessionExport.Format, _ name: String = "out") throws -> URL {
        let (log, store) = (synthetic.log, synthetic.store)
        let target = folder.file(name)
        #expect(try SessionExport.write(synthetic.session, as: format, log: log, store: store, to: target) == [])
        return target
    }

    @Test("as BIDS gives back every volume at its number, zeros where one was lost, and the events")
    func bids() throws {
        let out = try export(.bids)
        let raw = out.appendingPathComponent("sub-01/ses-visit1/func")
        for (number, volumes) in synthetic.volumes.enumerated() {
            let name = "sub-01_ses-visit1_task-seeing_run-0\(number + 1)_"
            let url = raw.appendingPathComponent(name + "bold.nii.gz")
            let reader = try NIfTIReader(path: url.path)
            #expect(reader.header.volumes == (volumes.keys.max() ?? 0) + 1)
            #expect(reader.header.repetitionTime.map { abs($0 - 0.72) < 1e-6 } == true)
            #expect(reader.header.grid.matches(SampleRecords.grid, tolerance: 1e-4))
            // The first run's volumes share a scale, so that their numbers are kept; the second's do not.
            #expect(reader.header.dataType == (number == 0 ? .int16 : .float32))
            for index in 0..<reader.header.volumes {
                guard let volume = volumes[index] else {
                    #expect(try reader.storedBytes(index).allSatisfy { $0 == 0 })
                    continue
                }
                #expect(try reader.volume(index).voxels == volume.volume.volume.voxels)
                if number == 0 { #expect(try reader.storedBytes(index) == volume.volume.bytes) }
            }
            let file = try #require(BIDSFile(url))
            #expect(try file.metadata()?.repetitionTime == 0.72)
            let events = try #require(try file.events()).events
            #expect(events.map(\.onset) == [1, 2])
            #expect(events[0].attributes["note"] == "two lines" && events[0].attributes["response"] == "yes\tno")
            #expect(events[0].modulation == 0.5 && events[0].trialType == "face")
        }
        let sidecar = try String(
            contentsOf: raw.appendingPathComponent("sub-01_ses-visit1_task-seeing_run-01_bold.json"),
            encoding: .utf8
        )
        #expect(sidecar.replacing(/\s/, with: "").contains("\"MissingVolumes\":[3]"))
    }

    @Test("as BIDS has motion, quality, patterns and images as derivatives that name what made them")
    func derivatives() throws {
        let root = try export(.bids).appendingPathComponent("derivatives/percept")
        let description =
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: root.appendingPathComponent("dataset_description.json"))
            ) as? [String: Any]
        #expect((description?["GeneratedBy"] as? [[String: Any]])?.first?["Name"] as? String == "percept")
        #expect(description?["DatasetType"] as? String == "derivative")
        let name = root.appendingPathComponent("sub-01/ses-visit1/func/sub-01_ses-visit1_task-seeing_run-01_").path
        let motion = try TabularFile(contentsOf: URL(fileURLWithPath: name + "desc-realtime_timeseries.tsv"))
        #expect(motion.rowCount == 6)
        let (status, shift) = (try #require(motion.column("status")), try #require(motion.column("trans_z")))
        #expect((0..<6).map { motion[$0, status] }.filter { $0 == "missing" }.count == 1)
        #expect(try motion.number(0, shift) == 0.3)
        #expect(motion.value(3, shift) == nil)
        let matrix = try Array(Data(contentsOf: URL(fileURLWithPath: name + "desc-patterns_betas.npy")))
        #expect(matrix.count == 128 + 4 * 4 * 4)
        #expect(String(decoding: matrix[10..<128], as: UTF8.self).contains("'shape': (4, 4)"))
        #expect(Array(matrix[128..<136]) == [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0])
        let images = try TabularFile(contentsOf: URL(fileURLWithPath: name + "images.tsv"))
        #expect(images.rowCount == 4)
        let file = URL(fileURLWithPath: name).deletingLastPathComponent().appendingPathComponent(images[3, 0])
        #expect(try Data(contentsOf: file) == Data([0x89, 0, 255]))
        #expect(try images.value(3, #require(images.column("seed"))) == "18446744073709551614")
    }

    @Test("as CSV has every row of the session, without patterns and images, and quotes what needs it")
    func csv() throws {
        let other = try synthetic.log.insert(SampleRecords.session("other"))
        _ = try synthetic.log.insert(SampleRecords.run(#require(other.id), "x"))
        let out = try export(.csv)
        let lines = { (table: String) in
            try String(contentsOf: out.appendingPathComponent("\(table).csv"), encoding: .utf8)
                .split(separator: "\r\n").map { String($0) }
        }
        #expect(try lines("session").count == 2)
        #expect(try lines("run").count == 3)
        #expect(try lines("volume").count == 1 + 6 + 4)
        #expect(try lines("trial").count == 1 + 8)
        #expect(
            try lines("trial")[0]
                == "id,runID,trial,readout,delay,isFinal,lastVolume,isStandardized,repeats,doubts,mean,deviation,publishedAt,latencies,standardizedBy"
        )
        #expect(try lines("session")[1].hasSuffix(",cd,\"state: \"\"ä\"\"\n\""))
    }

    @Test("as images has one PNG for each readout, and a table")
    func images() throws {
        let out = try export(.images)
        let names = try FileManager.default.contentsOfDirectory(atPath: out.appendingPathComponent("images").path)
        #expect(names.count == 8)
        #expect(names.contains("run-b%20c_trial-1_readout-0_sample-0.png"))
    }

    @Test("leaves nothing behind if it fails, and what was there untouched")
    func failure() throws {
        let (log, store) = (synthetic.log, synthetic.store)
        let occupied = folder.file("occupied")
        try FileManager.default.createDirectory(at: occupied, withIntermediateDirectories: true)
        try Data([1]).write(to: occupied.appendingPathComponent("mine"))
        #expect(throws: SessionError.self) {
            try SessionExport.write(synthetic.session, as: .bids, log: log, store: store, to: occupied)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: occupied.path) == ["mine"])
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try ExportFolder.fill(folder.file("half")) { folder in
                try ExportFolder.write([1], to: folder.appendingPathComponent("x"))
                throw Stop()
            }
        }
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder.url.path)) == ["state", "occupied"])
    }

    @Test("tells what could not be read of the recordings, and has zeros there")
    func damage() throws {
        let (log, store) = (synthetic.log, synthetic.store)
        #expect(try SessionCheck.problems(of: synthetic.session, log: log, store: store) == [])
        let url = store.recordings(session: synthetic.session.name, run: "b c")[0]
        var bytes = try Data(contentsOf: url)
        let voxels = try Data(#require(synthetic.volumes[1][1]).volume.bytes)
        let place = try #require(bytes.range(of: voxels)).lowerBound
        bytes[place] ^= 1
        try bytes.write(to: url)
        try FileManager.default.removeItem(at: store.recordings(session: synthetic.session.name, run: "a")[1])
        let target = folder.file("out")
        let problems = try SessionExport.write(synthetic.session, as: .bids, log: log, store: store, to: target)
        #expect(problems.count == 2)
        let check = try SessionCheck.problems(of: synthetic.session, log: log, store: store)
        #expect(check.count == 2 && check.contains { $0.contains("place 1 is not what was recorded") })
        let name = "sub-01/ses-visit1/func/sub-01_ses-visit1_task-seeing_run-02_bold.nii.gz"
        let reader = try NIfTIReader(path: target.appendingPathComponent(name).path)
        #expect(try reader.volume(1).voxels.allSatisfy { $0 == 0 })
    }

    @Test("is summed up run by run")
    func summary() throws {
        let summary = try SessionSummary(synthetic.session, log: synthetic.log, store: synthetic.store)
        #expect(summary.runs.map(\.name) == ["a", "b c"])
        let run = summary.runs[0]
        #expect(run.volumes == ["processed": 5, "missing": 1] && run.recordedVolumes == 5)
        #expect(run.framewiseDisplacement?.maximum == 0.5)
        #expect((run.trials, run.doubtfulTrials, run.images, run.imagesCutShort, run.imagesLate) == (2, 2, 4, 4, 4))
        #expect(run.volumeLatencies["total"]?.median == 30 && run.volumeLatencies["total"]?.p99 == 60)
        #expect(summary.faults.map(\.count) == [1])
        let overview = try #require(try synthetic.log.overviews(in: synthetic.store).first)
        #expect((overview.runs, overview.volumes, overview.trials, overview.images) == (2, 9, 4, 8))
        #expect(overview.bytes > 10_000)
    }

    @Test("has percentiles as their definition says")
    func percentiles() {
        let values = (1...200).map { Double($0) }.shuffled()
        let percentiles = Percentiles(values + [.nan])
        #expect(percentiles.map { [$0.median, $0.p95, $0.p99, $0.maximum] } == [100, 190, 198, 200])
        #expect(percentiles?.count == 200)
        #expect(Percentiles([]) == nil)
        #expect(Percentiles([7])?.p99 == 7)
    }
}
