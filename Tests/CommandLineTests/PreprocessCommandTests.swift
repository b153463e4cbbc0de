import Foundation
import Neuroimaging
import Testing
import Weights

@Suite("percept preprocess")
struct PreprocessCommandTests {
    /// A folder with a short run of a small head, a mask and events.
    struct Recording {
        let folder: URL
        var run: String { path("sub-01_task-x_bold.nii") }
        var mask: String { path("mask.nii.gz") }

        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("preprocess-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let grid = VoxelGrid(
                shape: [18, 20, 14],
                affine: Affine(rows: [-8, 0, 0, 68], [0, 8, 0, -76], [0, 0, 8, -52])
            )
            let writer = try NIfTIWriter(
                path: run,
                header: NIfTIHeader(grid: grid, volumes: 24, repetitionTime: 2, dataType: .int16)
            )
            for number in 0..<24 {
                var volume = Volume(zeros: grid)
                for offset in 0..<grid.count {
                    let point = grid.affine(SIMD3<Double>(grid.index(offset)))
                    let blob = exp(-length((point - [20, 20, 10]) / 25) * length((point - [20, 20, 10]) / 25))
                    let head = 600 / (1 + exp(3 * (length(point / [55, 65, 45]) - 1) * 3))
                    let noise = Double((offset * 7919 + number * 104_729) % 13) - 6
                    volume.voxels[offset] = Float((50 + head + 200 * blob) * (1 + 0.0005 * Double(number)) + noise)
                }
                try writer.append(volume)
            }
            try writer.finish()
            let mask = try Mask(grid: grid) { length(grid.affine(SIMD3<Double>(grid.index($0))) - [0, -30, 0]) < 22 }
            try NIfTIWriter.write(
                mask.volume(of: [Float](repeating: 1, count: mask.count)),
                to: self.mask,
                dataType: .uint8
            )
            try "onset\tduration\ttrial_type\n10\t1\tface\n24\t1\thouse\n".write(
                toFile: path("sub-01_task-x_events.tsv"),
                atomically: true,
                encoding: .utf8
            )
        }
    }

    @Test("writes patterns, motion, quality, and what the next run needs")
    func output() throws {
        let recording = try Recording()
        defer { try? FileManager.default.removeItem(at: recording.folder) }
        let out = recording.path("out")
        let result = try PerceptProcess.run([
            "preprocess", recording.run, "--mask", recording.mask, "--out", out, "--trials", "lss:6,9", "--drift",
            "poly:1", "--motion", "none", "--volumes",
        ])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("24 volumes, 0 not used"))
        let arrays = try NPZ(path: out + "/patterns.npz")
        let values = try arrays.array("values")
        #expect(values.shape[0] == 24)
        // Two trials at two delays.
        #expect(try arrays.array("responses").shape == [4, values.shape[1]])
        let trials = try TabularFile(contentsOf: URL(fileURLWithPath: out + "/trials.tsv"))
        #expect(trials.rowCount == 4)
        let motion = try TabularFile(contentsOf: URL(fileURLWithPath: out + "/motion.tsv"))
        #expect(
            motion.columns == ["trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"] && motion.rowCount == 24
        )
        #expect(try NIfTIReader(path: out + "/volumes.nii.gz").header.volumes == 24)
        for name in ["quality.tsv", "quality.png", "mask.nii.gz", "reference.nii.gz", "preprocessing.json"] {
            #expect(FileManager.default.fileExists(atPath: out + "/" + name), "\(name)")
        }
        // The output is a start for the next run: the same region and settings, and its first trial has z-scores.
        let again = try PerceptProcess.run(["preprocess", recording.run, "--bundle", out, "--out", out + "2"])
        #expect(again.status == 0, "\(again.error)")
        let next = try TabularFile(contentsOf: URL(fileURLWithPath: out + "2/trials.tsv"))
        let column = try #require(next.column("standardized"))
        #expect((0..<next.rowCount).allSatisfy { next[$0, column] == "1" })
    }

    @Test("says in one line what is wrong with its input, and writes nothing")
    func errors() throws {
        let recording = try Recording()
        defer { try? FileManager.default.removeItem(at: recording.folder) }
        let out = recording.path("out")
        #expect(try PerceptProcess.run(["preprocess", recording.run, "--out", out]).status == 64)
        let missing = try PerceptProcess.run(["preprocess", "/nonexistent", "--mask", recording.mask, "--out", out])
        #expect(missing.status == 66 && missing.error.split(separator: "\n").count == 1)
        let empty = try PerceptProcess.run([
            "preprocess", recording.folder.path, "--mask", recording.mask, "--out", out,
        ])
        #expect(empty.status == 66, "\(empty.error)")
        let wrong = try PerceptProcess.run([
            "preprocess", recording.run, "--mask", recording.mask, "--out", out, "--drift", "sometimes",
        ])
        #expect(wrong.status == 64)
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    @Test("inspect shows the geometry and timing of an image")
    func inspect() throws {
        let recording = try Recording()
        defer { try? FileManager.default.removeItem(at: recording.folder) }
        let result = try PerceptProcess.run(["inspect", recording.run])
        #expect(result.output.contains("18 × 20 × 14 voxels of 8 8 8 mm, 24 volumes, axes LAS"), "\(result.output)")
        #expect(result.output.contains("repetition time 2 s"))
    }
}
