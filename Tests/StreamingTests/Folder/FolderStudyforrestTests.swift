import Foundation
import Neuroimaging
import Settings
import SharedMaterial
import Testing

@testable import Streaming

@Suite(
    "A real Philips run that comes slice by slice",
    .enabled(if: Studyforrest.unpacked != nil, Comment(rawValue: SharedMaterial.missing))
)
struct FolderStudyforrestTests {
    static let count = 3

    /// The slices in the order of the scan, and the volumes that reading the folder offline gives.
    func run() throws -> (slices: [[UInt8]], volumes: [Volume]) {
        let files = try Studyforrest.slices(volumes: Self.count)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("offline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in files {
            try FileManager.default.copyItem(at: file, to: folder.appendingPathComponent(file.lastPathComponent))
        }
        let offline = try AcquiredRun(path: folder.path)
        #expect(offline.numbers == Array(0..<Self.count))
        return (
            try files.map { [UInt8](try Data(contentsOf: $0)) }, try (0..<Self.count).map { try offline.volume($0) }
        )
    }

    func check(_ inputs: DeliveredInputs, _ volumes: [Volume]) {
        let sorted = inputs.volumes.sorted { $0.index < $1.index }
        #expect(sorted.map(\.index) == Array(volumes.indices))
        for (incoming, volume) in zip(sorted, volumes) { #expect(incoming.volume.volume == volume) }
    }

    @Test(
        "gives the volumes of the folder, in scan order and shuffled",
        arguments: [FolderInputSettings.Watch.inotify, .poll]
    )
    func orders(_ watch: FolderInputSettings.Watch) async throws {
        let (slices, volumes) = try run()
        var random = SplitMix(state: 5)
        for order in [slices, slices.shuffled(using: &random)] {
            try await WatchedFolder.watching(watch) { folder in
                for (number, slice) in order.enumerated() { try folder.write(slice, as: "i\(number)") }
                try await folder.inputs.wait("the last volume") { $0.volumes.count == Self.count }
                check(folder.inputs, volumes)
                #expect(folder.inputs.faults.isEmpty)
                let start = try #require(folder.inputs.starts.first)
                #expect(folder.inputs.starts.count == 1 && start.run == "series-401" && start.session == "s1")
                #expect(abs((start.repetitionTime ?? 0) - 2) < 1e-4 && start.plannedVolumes == 156)
            }
        }
    }

    @Test("in scan order gives each volume with its last slice, and when it was acquired")
    func immediately() async throws {
        let (slices, _) = try run()
        try await WatchedFolder.watching(.inotify) { folder in
            for volume in 0..<Self.count {
                for slice in 0..<35 { try folder.write(slices[volume * 35 + slice], as: "\(volume)-\(slice)") }
                try await folder.inputs.wait("volume \(volume)") { $0.volumes.count == volume + 1 }
            }
            #expect(folder.inputs.story == ["+series-401", "0", "1", "2"])
            // (0008,0022) and (0008,0032) of the first volume are 2014-04-25, 16:04:22.68; a dynamic takes 2 s.
            let parts = DateComponents(
                timeZone: .current,
                year: 2014,
                month: 4,
                day: 25,
                hour: 16,
                minute: 4,
                second: 22,
                nanosecond: 680_000_000
            )
            let first = try #require(Calendar(identifier: .gregorian).date(from: parts)).timeIntervalSince1970
            for volume in folder.inputs.volumes {
                #expect(abs((volume.acquiredAt ?? 0) - first - 2 * Double(volume.index)) < 1e-3)
            }
            #expect(abs((folder.inputs.starts[0].startedAt ?? 0) - first) < 1e-3)
        }
    }

    @Test(
        "survives duplicates, copies, files in two parts, foreign files and moves",
        arguments: [
            FolderInputSettings.Watch.inotify, .poll,
        ]
    )
    func troubles(_ watch: FolderInputSettings.Watch) async throws {
        let (slices, volumes) = try run()
        // The parts of a file follow one another long after a poll, and before it is given up.
        try await WatchedFolder.watching(watch, change: { $0.settleTime = 20 }) { folder in
            for (number, slice) in slices.enumerated() {
                switch number % 5 {
                case 1: try folder.append(slice.prefix(slice.count / 2), to: "i\(number)")
                case 2:
                    try folder.write(slice, as: ".hidden\(number)")
                    try FileManager.default.moveItem(
                        atPath: folder.path(".hidden\(number)"),
                        toPath: folder.path("i\(number)")
                    )
                case 3:
                    let name = "deep/er\(number)"
                    try FileManager.default.createDirectory(
                        atPath: folder.path(name),
                        withIntermediateDirectories: true
                    )
                    try folder.write(slice, as: name + "/i")
                case 4:
                    // A name that is left alone, then a name that counts.
                    try folder.write(slice, as: "i\(number).tmp")
                    try FileManager.default.moveItem(
                        atPath: folder.path("i\(number).tmp"),
                        toPath: folder.path("i\(number)")
                    )
                default: try folder.write(slice, as: "i\(number)")
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            for (number, slice) in slices.enumerated() where number % 5 == 1 {
                try folder.append(slice.dropFirst(slice.count / 2), to: "i\(number)")
            }
            try await folder.inputs.wait("the last volume") { $0.volumes.count == Self.count }
            check(folder.inputs, volumes)
            #expect(folder.inputs.faults.isEmpty)
            try folder.write(slices[0], as: "copy")
            try folder.write(slices[5], as: "i5")
            try folder.write(Array("a note".utf8), as: "notes.txt")
            try await folder.inputs.wait("three faults") { $0.faults.count >= 3 }
            let faults = folder.inputs.faults.map { "\($0.code) \(($0.subject as NSString).lastPathComponent)" }
            #expect(faults.sorted() == ["duplicate copy", "duplicate i5", "foreign notes.txt"])
            #expect(folder.inputs.volumes.count == Self.count)
        }
    }

    @Test("says what is missing when another series begins, and leaves out what is late")
    func nextSeries() async throws {
        let (slices, _) = try run()
        let next = try slices.prefix(35).map { try DICOMFiles.otherSeries($0, digit: "7") }
        try await WatchedFolder.watching(.inotify) { folder in
            for (number, slice) in slices.enumerated() where number != 40 { try folder.write(slice, as: "a\(number)") }
            for (number, slice) in next.enumerated() { try folder.write(slice, as: "b\(number)") }
            try folder.write(slices[40], as: "late")
            try await folder.inputs.wait("the late file") { $0.faults.count >= 2 }
            let other = try #require(folder.inputs.starts.last).run
            // Both are series 401: the second name has digits that come from its UID.
            #expect(other.hasPrefix("series-401-") && other.count == "series-401-".count + 4)
            #expect(folder.inputs.story == ["+series-401", "0", "2", "-series-401", "+\(other)", "0"])
            #expect(folder.inputs.faults.map(\.code) == [.lost, .lost])
            #expect(folder.inputs.faults[0].detail.contains("34 of 35 slices"))
            #expect(folder.inputs.faults[1].subject.hasSuffix("late"))
        }
    }

    @Test("of two interleaved series takes the one that is chosen")
    func chosen() async throws {
        let (slices, volumes) = try run()
        let others = DICOMFiles.bytes(in: try SharedMaterial.url("data/dcmqa-philips-fmri/In"))
        try await WatchedFolder.watching(.inotify, change: { $0.series = 401 }) { folder in
            for (number, slice) in slices.enumerated() {
                try folder.write(slice, as: "a\(number)")
                if number < others.count { try folder.write(others[number], as: "b\(number)") }
            }
            try await folder.inputs.wait("the last volume") { $0.volumes.count == Self.count }
            check(folder.inputs, volumes)
            #expect(folder.inputs.faults.map(\.code) == [.foreign])
            #expect(folder.inputs.faults.first?.subject.contains("series 201") == true)
        }
    }

    @Test("after a restart comes again under its name, without the runs before")
    func restart() async throws {
        let (slices, volumes) = try run()
        let earlier = try slices.prefix(35).map { slice in
            // A series that began an hour before.
            DICOMFiles.replacing("160151.89", with: "150151.89", in: try DICOMFiles.otherSeries(slice, digit: "7"))
        }
        let key = try DICOMImage(slices[0]).seriesInstance
        let fill = { (folder: WatchedFolder) in
            for (number, slice) in slices.enumerated() { try folder.write(slice, as: "a\(number)") }
            for (number, slice) in earlier.enumerated() { try folder.write(slice, as: "b\(number)") }
        }
        let position = StreamPosition(publisher: key, sequence: 1)
        try await WatchedFolder.watching(.automatic, resumingAt: position, before: fill) { folder in
            try await folder.inputs.wait("the last volume") { $0.volumes.count == Self.count }
            check(folder.inputs, volumes)
            // The run before has the plain name, as it had when it came first.
            let run = try #require(folder.inputs.starts.first).run
            #expect(folder.inputs.starts.count == 1 && run.hasPrefix("series-401-"))
            #expect(folder.inputs.volumes.allSatisfy { $0.position?.publisher == key })
        }
        try await WatchedFolder.watching(.automatic, change: { $0.takesExisting = true }, before: fill) { folder in
            try await folder.inputs.wait("both runs") { $0.volumes.count == Self.count + 1 }
            #expect(folder.inputs.starts.count == 2)
            #expect(folder.inputs.starts[0].run == "series-401")
            #expect(folder.inputs.starts[1].run.hasPrefix("series-401-"))
        }
        try await WatchedFolder.watching(.automatic, before: fill) { folder in
            try folder.write(try DICOMFiles.otherSeries(slices[0], digit: "5"), as: "new")
            try folder.write(Array("a note".utf8), as: "notes.txt")
            try await folder.inputs.wait("a new file") { !$0.faults.isEmpty }
            #expect(folder.inputs.story.isEmpty)
        }
    }
}
