import Foundation
import Neuroimaging
import Settings
import Testing

@testable import Streaming

@Suite("NIfTI files in a folder")
struct FolderNIfTITests {
    static let grid = VoxelGrid(shape: [5, 4, 3], affine: Affine(rows: [-2, 0, 0, 8], [0, 3, 0, -4], [0, 0, 4, -1]))

    static func volume(_ number: Int) -> Volume {
        Volume(grid: grid, voxels: (0..<grid.count).map { Float($0 * 7 % 31 + number) })
    }

    /// Writes one volume under a name, from another folder into place.
    func write(_ number: Int, as name: String, in folder: WatchedFolder) throws {
        try NIfTIWriter.write(Self.volume(number), to: folder.path(name), dataType: .int16)
    }

    @Test("are the volumes that their numbers say, in any order", arguments: [1, 0])
    func numbers(_ first: Int) async throws {
        try await WatchedFolder.watching(.inotify) { folder in
            if first == 0 { try write(0, as: "vol_0000.nii", in: folder) }
            for number in [2, 1, 3] { try write(number, as: "vol_000\(number).nii.gz", in: folder) }
            try await folder.inputs.wait("all") { $0.volumes.count == 4 - first }
            #expect(folder.inputs.story.dropFirst() == (first == 0 ? ["0", "2", "1", "3"] : ["1", "0", "2"]))
            for volume in folder.inputs.volumes {
                #expect(volume.volume.volume == Self.volume(volume.index + first))
                #expect(volume.run == "vol" && volume.volume.dataType == .int16)
            }
            #expect(folder.inputs.faults.isEmpty)
        }
    }

    @Test("without numbers of volumes count as they come, in the run that BIDS names say")
    func names() async throws {
        for (path, stem, number) in [
            ("/a/b/vol_0007.nii.gz", "b/vol", 7), ("/a/sub-01_run-02.nii", "sub-01_run-02", nil), ("/a/12.nii", "", 12),
            ("/a/vol-12.nii", "vol", 12),
        ] as [(String, String, Int?)] {
            let name = NIfTIIntake.Name(path, below: "/a")
            #expect(name.stem == stem && name.number == number)
        }
        try await WatchedFolder.watching(.inotify) { folder in
            try write(1, as: "sub-01_task-faces_run-02_bold.nii", in: folder)
            try await folder.inputs.wait("the first") { $0.volumes.count == 1 }
            try FileManager.default.removeItem(atPath: folder.path("sub-01_task-faces_run-02_bold.nii"))
            try write(2, as: "sub-01_task-faces_run-02_bold.nii", in: folder)
            try await folder.inputs.wait("the second") { $0.volumes.count == 2 }
            try write(3, as: "sub-01_task-faces_run-03_bold_0001.nii", in: folder)
            try await folder.inputs.wait("the third") { $0.volumes.count == 3 }
            let first = try #require(folder.inputs.starts.first)
            #expect(first.run == "task-faces_run-02" && first.subject == "01" && first.task == "faces")
            #expect(
                folder.inputs.story
                    == ["+task-faces_run-02", "0", "1", "-task-faces_run-02", "+task-faces_run-03", "0"]
            )
        }
    }

    @Test("of several volumes are a run, and are read when they are whole", arguments: ["nii", "nii.gz"])
    func runs(_ form: String) async throws {
        let header = NIfTIHeader(grid: Self.grid, volumes: 3, repetitionTime: 1.5, dataType: .int16)
        try await WatchedFolder.watching(.inotify, change: { $0.settleTime = 10 }) { folder in
            let source = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).\(form)")
            defer { try? FileManager.default.removeItem(at: source) }
            let writer = try NIfTIWriter(path: source.path, header: header)
            for number in 0..<3 { try writer.append(Self.volume(number)) }
            try writer.finish()
            let bytes = [UInt8](try Data(contentsOf: source))
            let name = "sub-02_task-x_bold." + form
            try folder.append(bytes.prefix(bytes.count - 20), to: name)
            try await Task.sleep(for: .milliseconds(50))
            #expect(folder.inputs.all.isEmpty)
            try folder.append(bytes.suffix(20), to: name)
            try await folder.inputs.wait("all") { $0.volumes.count == 3 }
            #expect(folder.inputs.story == ["+task-x", "0", "1", "2"])
            #expect(
                folder.inputs.starts.first?.repetitionTime == 1.5 && folder.inputs.starts.first?.plannedVolumes == 3
            )
            for volume in folder.inputs.volumes { #expect(volume.volume.volume == Self.volume(volume.index)) }
        }
    }
}
