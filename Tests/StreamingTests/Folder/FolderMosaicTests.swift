import Foundation
import Neuroimaging
import Settings
import SharedMaterial
import Testing

@testable import Streaming

@Suite(
    "A real run of Siemens mosaics in a folder",
    .enabled(if: SharedMaterial.isPresent, Comment(rawValue: SharedMaterial.missing))
)
struct FolderMosaicTests {
    @Test(
        "with its copy and its broken file gives six volumes and says both",
        arguments: [
            FolderInputSettings.Watch.inotify, .poll,
        ]
    )
    func everything(_ watch: FolderInputSettings.Watch) async throws {
        let root = try SharedMaterial.url("data/rtcloud-siemens-mosaic")
        let offline = try AcquiredRun(path: root.path)
        try await WatchedFolder.watching(watch) { folder in
            for part in ["projects", "tests"] {
                try FileManager.default.copyItem(
                    at: root.appendingPathComponent(part),
                    to: folder.url.appendingPathComponent(part)
                )
            }
            try await folder.inputs.wait("everything") { $0.volumes.count == 6 && $0.faults.count >= 3 }
            let volumes = folder.inputs.volumes.sorted { $0.index < $1.index }
            #expect(volumes.map(\.index) == offline.numbers)
            for (place, volume) in volumes.enumerated() { #expect(volume.volume.volume == (try offline.volume(place))) }
            let faults = folder.inputs.faults.map { "\($0.code)" }.sorted()
            // The files come in any order: which of two copies is the duplicate is not told. The third is no image.
            #expect(faults == ["duplicate", "foreign", "truncated"])
            #expect(folder.inputs.starts.map(\.run) == ["series-13"])
            #expect(volumes.allSatisfy { $0.repetitionTime == 1.5 && $0.acquiredAt != nil })
        }
    }

    @Test(
        "and its motion-corrected pair gives the one that is wanted",
        arguments: [
            FolderInputSettings.MotionCorrection.raw, .corrected,
        ]
    )
    func pairs(_ kind: FolderInputSettings.MotionCorrection) async throws {
        let root = try SharedMaterial.url("data/rtcloud-siemens-mosaic/projects")
        let files = DICOMFiles.bytes(in: root)
        try await WatchedFolder.watching(.inotify, change: { $0.motionCorrection = kind }) { folder in
            for (number, file) in files.enumerated() {
                let twin = DICOMFiles.replacing("ND\\NORM\\MOSAIC", with: "ND\\MOCO\\MOSAIC", in: file)
                try folder.write(file, as: "raw\(number)")
                try folder.write(try DICOMFiles.otherSeries(twin, digit: "7"), as: "corrected\(number)")
            }
            try await folder.inputs.wait("six volumes") { $0.volumes.count == 6 }
            #expect(folder.inputs.story.first == "+series-13" && folder.inputs.starts.count == 1)
            #expect(folder.inputs.faults.map(\.code) == [.foreign])
            let left = folder.inputs.faults[0].detail
            #expect(left.contains(kind == .raw ? "was motion-corrected" : "is not motion-corrected"))
            let key = try DICOMImage(files[0]).seriesInstance
            #expect(folder.inputs.volumes.allSatisfy { ($0.position?.publisher == key) == (kind == .raw) })
        }
    }

    @Test("counts files larger than allowed, and those that were removed at once")
    func limits() async throws {
        let files = DICOMFiles.bytes(in: try SharedMaterial.url("data/rtcloud-siemens-mosaic/projects"))
        try await WatchedFolder.watching(
            .inotify,
            change: { settings in
                settings.largestFile = files[0].count + 10
                settings.settleTime = 1
            }
        ) { folder in
            try folder.write(files[0] + [UInt8](repeating: 0, count: 100), as: "large")
            try await folder.inputs.wait("the large file") { $0.faults.count == 1 }
            try folder.write(Array(files[1].prefix(1000)), as: "short")
            try FileManager.default.removeItem(atPath: folder.path("short"))
            try await folder.inputs.wait("the loss") { $0.faults.count == 2 }
            // Read before it was removed, it is cut short; else it is lost. It counts in any case.
            #expect(folder.inputs.faults[0].code == .tooLarge)
            #expect([.lost, .truncated].contains(folder.inputs.faults[1].code))
            try FileManager.default.createSymbolicLink(
                atPath: folder.path("link"),
                withDestinationPath: try SharedMaterial.url("data/rtcloud-siemens-mosaic").path
            )
            try await folder.inputs.wait("the link") { $0.faults.count == 3 }
            #expect(folder.inputs.faults.last?.code == .foreign && folder.inputs.volumes.isEmpty)
        }
    }

    @Test("is over after a silence, and goes on under its name")
    func silence() async throws {
        let files = DICOMFiles.bytes(in: try SharedMaterial.url("data/rtcloud-siemens-mosaic/projects"))
        try await WatchedFolder.watching(.inotify, change: { $0.silence = 0.2 }) { folder in
            try folder.write(files[1], as: "1")
            try await folder.inputs.wait("the end") { $0.story.last == "-series-13" }
            try folder.write(files[2], as: "2")
            try await folder.inputs.wait("another end") { $0.story.count == 6 }
            #expect(
                folder.inputs.story == ["+series-13", "0", "-series-13", "+series-13", "1", "-series-13"]
            )
        }
    }

    @Test("does not end a later run when it goes on after that has begun")
    func straggler() async throws {
        let files = DICOMFiles.bytes(in: try SharedMaterial.url("data/rtcloud-siemens-mosaic/projects"))
        try await WatchedFolder.watching(.inotify, change: { $0.silence = 0.3 }) { folder in
            try folder.write(files[1], as: "1")
            try await folder.inputs.wait("the end") { $0.story.last == "-series-13" }
            let other = try files.map { try DICOMFiles.otherSeries($0, digit: "7") }
            try folder.write(other[1], as: "other1")
            try await folder.inputs.wait("another run") { $0.starts.count == 2 }
            try folder.write(files[2], as: "2")
            try folder.write(other[2], as: "other2")
            try await folder.inputs.wait("its next volume") { $0.volumes.count == 3 }
            #expect(folder.inputs.volumes.map(\.index) == [0, 0, 1])
            #expect(folder.inputs.faults.map(\.code) == [.lost])
        }
    }

    @Test("counts only names of the pattern")
    func pattern() async throws {
        let files = DICOMFiles.bytes(in: try SharedMaterial.url("data/rtcloud-siemens-mosaic/projects"))
        try await WatchedFolder.watching(.inotify, change: { $0.pattern = "001_*.dc?" }) { folder in
            try folder.write(files[1], as: "002_1.dcm")
            try folder.write(files[2], as: "001_1.dcm")
            try await folder.inputs.wait("a volume") { !$0.volumes.isEmpty }
            #expect(folder.inputs.volumes.map(\.index) == [1] && folder.inputs.faults.isEmpty)
        }
    }

    @Test("comes from a folder that was removed and made again")
    func removed() async throws {
        let files = DICOMFiles.bytes(in: try SharedMaterial.url("data/rtcloud-siemens-mosaic/projects"))
        for watch in [FolderInputSettings.Watch.inotify, .poll] {
            try await WatchedFolder.watching(watch) { folder in
                try FileManager.default.removeItem(at: folder.url)
                try await folder.inputs.wait("the complaint") { $0.faults.last?.code == .unavailable }
                try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
                try folder.write(files[0], as: "0")
                try await folder.inputs.wait("a volume") { $0.volumes.count == 1 }
                #expect(folder.inputs.faults.map(\.code) == [.unavailable, .connected])
            }
        }
    }

    @Test("cannot come from a folder that is not there")
    func absent() async {
        for watch in FolderInputSettings.Watch.allCases {
            var settings = FolderInputSettings()
            (settings.path, settings.watch) = ("/nonexistent/folder", watch)
            let source = FolderSource(settings: settings, session: "s1")
            await #expect(throws: StreamingError.self) { try await source.run(resumingAt: nil) { _ in } }
        }
    }
}
