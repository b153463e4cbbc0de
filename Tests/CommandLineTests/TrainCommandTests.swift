import Foundation
import Testing
import Weights

@Suite("percept train")
final class TrainCommandTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("train-\(UUID().uuidString)")
    private var recipe: String { folder.appendingPathComponent("small.yaml").path }
    private var pairs: String { "npz:" + folder.appendingPathComponent("pairs.npz").path }

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(Self.text.utf8).write(to: URL(fileURLWithPath: recipe))
        try Self.writePairs(to: folder.appendingPathComponent("pairs.npz").path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private static let text = """
        preset: compact
        imageSize: 8
        validationShare: 0.2
        patterns: {patchSize: 4}
        autoencoder:
          multipliers: [1, 2]
          codes: 16
          optimization: {epochs: 2, batch: 8}
        imageModel:
          channels: 32
          multipliers: [1]
          attention: [1]
          contextWidth: 16
          optimization: {epochs: 2, batch: 8}
        pretraining:
          width: 16
          depth: 1
          heads: 2
          decoderWidth: 8
          decoderHeads: 2
          optimization: {epochs: 2, batch: 8}
        crossModal: {train: false}
        diffusionTuning:
          tokens: 4
          optimization: {epochs: 6, batch: 8}
        """

    /// 16 training and 4 test pairs: bars, and responses to where they are.
    private static func writePairs(to path: String) throws {
        func part(_ count: Int) -> (fmri: [Float], images: [Float]) {
            var (fmri, images): ([Float], [Float]) = ([], [])
            for row in 0..<count {
                let place = row % 6
                for pixel in 0..<64 { images.append(pixel % 8 == place + 1 ? 255 : 0) }
                for voxel in 0..<10 {
                    let noise = Float((row * 7 + voxel) % 5) / 10
                    fmri.append(Float(sin(Double(voxel * (place + 1)))) + noise)
                }
            }
            return (fmri, images)
        }
        let (training, test) = (part(16), part(4))
        try NPZ.write(
            [
                (name: "fmri_train", shape: [16, 10], elements: training.fmri),
                (name: "fmri_test", shape: [4, 10], elements: test.fmri),
                (name: "image_train", shape: [16, 8, 8], elements: training.images),
                (name: "image_test", shape: [4, 8, 8], elements: test.images),
            ],
            to: path
        )
    }

    private func train(_ out: String, _ options: [String] = []) throws -> PerceptProcess.Result {
        try PerceptProcess.run(
            ["train", recipe, "--pairs", pairs, "--out", folder.appendingPathComponent(out).path] + options
        )
    }

    private func weights(of phase: String) throws -> Data {
        try Data(contentsOf: folder.appendingPathComponent("\(phase)/weights.safetensors"))
    }

    private func weights(_ out: String) throws -> [Data] {
        let bundle = folder.appendingPathComponent("\(out)/decoder.percept")
        return try ["unet", "autoencoder", "conditioning", "standardization"].map {
            try Data(contentsOf: bundle.appendingPathComponent("\($0).safetensors"))
        }
    }

    @Test("killed at any moment and started again, it ends with the same weights, bit for bit")
    func killed() throws {
        let whole = try train("whole")
        #expect(whole.status == 0 && whole.output.contains("decoder.percept"))
        let expected = try weights("whole")
        var (kills, delay) = (0, 0.35)
        while true {
            let process = try PerceptProcess.start(
                ["train", recipe, "--pairs", pairs, "--out", folder.appendingPathComponent("killed").path]
            )
            let deadline = Date(timeIntervalSinceNow: delay)
            while process.isRunning, Date() < deadline { usleep(5_000) }
            guard process.isRunning else {
                process.waitUntilExit()
                #expect(process.terminationStatus == 0)
                break
            }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            kills += 1
            // A slow machine needs longer to get anywhere, and every moment shall come.
            delay *= 1.3
        }
        #expect(kills > 0)
        #expect(try weights("killed") == expected)
    }

    @Test("the phases of images have a seed of their own if the recipe says so, and are then the same for other seeds")
    func imageSeed() throws {
        let short = ["--set", "diffusionTuning.optimization.epochs=0.1", "--image-phases", folder.path + "/images"]
        var (imageModels, encoders) = ([Data](), Set<Data>())
        for (seed, options) in [("1", ["--set", "imageSeed=7"]), ("2", ["--set", "imageSeed=7"]), ("3", [])] {
            let result = try train(seed, short + ["--seed", seed] + options)
            #expect(result.status == 0, "\(result.error)")
            imageModels.append(try weights(of: "images/image-model"))
            encoders.insert(try weights(of: "\(seed)/phase1"))
        }
        #expect(imageModels[0] == imageModels[1] && imageModels[1] != imageModels[2])
        #expect(encoders.count == 3)
    }

    @Test("further patterns of phase 1 change its weights and are named by the bundle")
    func unlabelled() throws {
        let file = folder.appendingPathComponent("rest.npz").path
        try NPZ.write([("patterns", [12, 10], (0..<120).map { Float(sin(Double($0))) })], to: file)
        let short = ["--set", "diffusionTuning.optimization.epochs=0.1", "--image-phases", folder.path + "/images"]
        for (out, options) in [("without", []), ("with", ["--unlabelled", "npz:\(file)"])] {
            let result = try train(out, options + short)
            #expect(result.status == 0, "\(result.error)")
        }
        #expect(try weights(of: "without/phase1") != weights(of: "with/phase1"))
        let bundle = folder.appendingPathComponent("with/decoder.percept").path
        #expect(try PerceptProcess.run(["inspect", bundle]).output.contains("from rest.npz (unlabelled"))
    }

    @Test("data that cannot be used, and networks beyond the memory, are told before anything is trained")
    func refusals() throws {
        let file = folder.appendingPathComponent("pairs.npz").path
        let cases: [(options: [String], status: Int32, text: String)] = [
            (["--unlabelled", "csv:\(file)"], 64, "known here: npz, hdf5, hcp, session"),
            (["--unlabelled", "npz:\(file)x"], 66, "there is no such file"),
            (["--unlabelled", "npz:\(file)", "--set", "pretraining.train=false"], 64, "does not train"),
            (["--set", "pretraining.width=8192", "--set", "pretraining.depth=256"], 65, "pretraining: its networks"),
        ]
        for (options, status, text) in cases {
            let result = try train("refused", options)
            #expect(result.status == status && result.error.contains(text), "\(options): \(result.error)")
        }
        let bdata = ["train", recipe, "--pairs", "bdata:\(file)", "--out", folder.path + "/refused"]
        let result = try PerceptProcess.run(bdata)
        #expect(result.status == 64 && result.error.contains("--stimuli is missing"))
    }

    @Test("a mistake in a recipe is named with its place and remedy, before anything is read or written")
    func mistake() throws {
        try Data(Self.text.replacingOccurrences(of: "imageSize: 8", with: "imagesize: 8").utf8)
            .write(to: URL(fileURLWithPath: recipe))
        let result = try train("mistake")
        #expect(result.status == 78)
        #expect(result.error.contains("small.yaml:2:1: imagesize: unknown key; did you mean imageSize?"))
        #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("mistake").path))
    }

    @Test("every key of a recipe is shown with its value, changed ones included")
    func showRecipe() throws {
        let result = try train("shown", ["--show-recipe", "--set", "crossModal.imageWeight=3", "--seed", "9"])
        #expect(result.status == 0)
        #expect(result.output.contains("crossModal.imageWeight: 3.0\n") && result.output.contains("seed: 9\n"))
        #expect(result.output.contains("diffusionTuning.optimization.batch: 8\n"))
    }

    @Test("a decoder of patterns that are reduced to features takes raw voxels")
    func reduced() throws {
        let settings = [
            "patterns.reduction=features", "patterns.repeats=4", "patterns.patchSize=3", "simulation.share=1",
            "simulation.components=3", "simulation.folds=4", "simulation.leastNoise=0", "validationShare=0",
        ]
        let result = try train("reduced", settings.flatMap { ["--set", $0] })
        #expect(result.status == 0, "\(result.error)")
        let report = folder.appendingPathComponent("report")
        let bundle = folder.appendingPathComponent("reduced/decoder.percept").path
        let sampling = ["--sampler", "ddim", "--steps", "2", "--samples", "2", "--resamples", "100"]
        let evaluated = try PerceptProcess.run(
            ["evaluate", bundle, "--pairs", pairs, "--out", report.path] + sampling
        )
        #expect(evaluated.status == 0, "\(evaluated.error)")
        let page = try String(contentsOf: report.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(page.contains("projected to 3 components"))
    }

    @Test("a decoder that was trained on all folds but one says so, and knows how raw patterns are prepared")
    func fold() throws {
        let result = try train("fold", ["--fold", "2/4"])
        #expect(result.status == 0)
        let inspected = try PerceptProcess.run(
            ["inspect", folder.appendingPathComponent("fold/decoder.percept").path]
        )
        #expect(inspected.status == 0 && inspected.output.contains("trained on all pairs but fold 2 of 4"))
    }
}
