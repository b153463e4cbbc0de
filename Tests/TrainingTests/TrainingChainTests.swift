import Decoder
import Foundation
import Settings
import Synchronization
import Tensors
import Testing

@testable import Training

@Suite("Training a chain of phases")
struct TrainingChainTests {
    private struct Interruption: Error {}

    private static func weights(_ folder: URL) throws -> [String: Data] {
        let phases = [
            "autoencoder", "image-model", "phase1", "image-autoencoder", "phase2", "phase3", "distillation",
        ]
        return try Dictionary(
            uniqueKeysWithValues: phases.map { phase in
                (phase, try Data(contentsOf: folder.appendingPathComponent("\(phase)/weights.safetensors")))
            }
        )
    }

    private static func recipe() throws -> TrainingRecipe {
        try SmallTraining.recipe(
            "distillation.train=true",
            "distillation.trajectory=8",
            "distillation.optimization.batch=8"
        )
    }

    @Test("The same recipe and seed give the same weights, with any number of threads")
    func reproducible() throws {
        let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
        let recipe = try Self.recipe()
        _ = try SmallTraining.chain(recipe, in: first.url).run()
        try Engine.$current.withValue(Engine(threads: 1)) {
            _ = try SmallTraining.chain(recipe, in: second.url).run()
        }
        #expect(try Self.weights(first.url) == Self.weights(second.url))
    }

    @Test("A training that is stopped at any step goes on to the same weights", arguments: [0, 1, 2])
    func resumes(attempt: UInt64) throws {
        let (whole, stopped) = (try TemporaryFolder(), try TemporaryFolder())
        let recipe = try Self.recipe()
        let steps = Mutex(0)
        _ = try SmallTraining.chain(recipe, in: whole.url) { _ in steps.withLock { $0 += 1 } }.run()
        let total = steps.withLock { $0 }
        var random = RandomNumbers(seed: attempt, purpose: "interruptions")
        var interruptions = 0
        while true {
            let left = Mutex(1 + random.integer(below: total / 3))
            do {
                // Every step leaves a checkpoint, and the stop comes right behind one.
                _ = try SmallTraining.chain(recipe, in: stopped.url, checkpointInterval: 0) { _ in
                    try left.withLock {
                        $0 -= 1
                        if $0 == 0 { throw Interruption() }
                    }
                }.run()
                break
            } catch is Interruption {
                interruptions += 1
            }
        }
        #expect(interruptions > 0)
        #expect(try Self.weights(whole.url) == Self.weights(stopped.url))
    }

    @Test("Another seed gives other weights")
    func seeds() throws {
        let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
        _ = try SmallTraining.chain(SmallTraining.recipe(), in: first.url).run()
        _ = try SmallTraining.chain(SmallTraining.recipe("seed=5"), in: second.url).run()
        let path = "phase3/weights.safetensors"
        #expect(
            try Data(contentsOf: first.url.appendingPathComponent(path))
                != Data(contentsOf: second.url.appendingPathComponent(path))
        )
    }

    @Test("A change of the recipe trains anew what depends on it, and nothing else")
    func dependencies() throws {
        let folder = try TemporaryFolder()
        _ = try SmallTraining.chain(SmallTraining.recipe(), in: folder.url).run()
        let phases = Mutex<Set<String>>([])
        _ = try SmallTraining.chain(SmallTraining.recipe("crossModal.imageWeight=2"), in: folder.url) { progress in
            phases.withLock { _ = $0.insert(progress.phase) }
        }.run()
        #expect(phases.withLock { $0 } == ["cross-modal tuning", "diffusion tuning"])
    }

    @Test("Phases can be left out")
    func ablation() throws {
        let folder = try TemporaryFolder()
        let phases = Mutex<Set<String>>([])
        let recipe = try SmallTraining.recipe("pretraining.train=false", "crossModal.train=false")
        _ = try SmallTraining.chain(recipe, in: folder.url) { progress in
            phases.withLock { _ = $0.insert(progress.phase) }
        }.run()
        #expect(phases.withLock { $0 } == ["autoencoder", "image model", "diffusion tuning"])
    }

    @Test("Gathered in parts, an update is the same up to rounding")
    func accumulation() throws {
        let (whole, parts) = (try TemporaryFolder(), try TemporaryFolder())
        let settings = [
            "augmentation.shift=0", "simulation.share=0", "autoencoder.quantizeFrom=0.9",
            "autoencoder.optimization.epochs=0.4",
        ]
        func pixels(_ folder: URL, _ more: String) throws -> Double {
            let recipe = try TrainingRecipe(
                yaml: SmallTraining.recipe,
                file: "small.yaml",
                overrides: settings + [more]
            )
            let values = Mutex<[Double]>([])
            let chain = try SmallTraining.chain(recipe, in: folder) { progress in
                guard progress.phase == "autoencoder" else { throw Interruption() }
                values.withLock { $0.append(progress.values[0].value) }
            }
            _ = try? chain.run()
            return values.withLock { $0.last ?? .nan }
        }
        let first = try pixels(whole.url, "autoencoder.optimization.accumulation=1")
        let second = try pixels(parts.url, "autoencoder.optimization.accumulation=4")
        #expect(abs(first - second) < 1e-4 * first)
    }

    @Test("A damaged checkpoint is named and not used")
    func damagedCheckpoint() throws {
        let folder = try TemporaryFolder()
        let recipe = try SmallTraining.recipe()
        let left = Mutex(3)
        _ = try? SmallTraining.chain(recipe, in: folder.url, checkpointInterval: 0) { _ in
            try left.withLock {
                $0 -= 1
                if $0 == 0 { throw Interruption() }
            }
        }.run()
        let checkpoint = folder.url.appendingPathComponent("autoencoder/checkpoint.safetensors")
        let data = try Data(contentsOf: checkpoint)
        try data.prefix(data.count / 2).write(to: checkpoint)
        #expect(throws: (any Error).self) { try SmallTraining.chain(recipe, in: folder.url).run() }
    }

    private static let wide = ["imageAutoencoder.width=1024"]

    @Test(
        "Networks that do not fit into memory are refused by their section of the recipe, before anything is written",
        arguments: [
            ("autoencoder", ["autoencoder.channels=4096", "autoencoder.multipliers=[1, 64]"]),
            ("imageModel", ["imageModel.channels=4096", "imageModel.multipliers=[64]"]),
            ("pretraining", ["pretraining.width=8192", "pretraining.depth=256"]),
            ("imageAutoencoder", ["imageAutoencoder.width=8192", "imageAutoencoder.depth=256"]),
            ("imageAutoencoder", ["imageAutoencoder.imageSize=4096", "imageAutoencoder.patchSize=1"] + wide),
            ("crossModal", ["crossModal.decoderDepth=256", "imageAutoencoder.decoderWidth=4096"]),
        ]
    )
    func memory(section: String, overrides: [String]) throws {
        let folder = try TemporaryFolder()
        let recipe = try TrainingRecipe(yaml: SmallTraining.recipe, file: "small.yaml", overrides: overrides)
        #expect {
            try SmallTraining.chain(recipe, in: folder.url, memory: 8 << 30).run()
        } throws: { error in
            let error = error as? TrainingError
            return error?.code == .unsuitable && error?.subject == section && "\(error, default: "")".contains("GiB")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test("The networks of the published sizes fit into 24 GiB")
    func publishedMemory() throws {
        let folder = try TemporaryFolder()
        var recipe = TrainingRecipe(preset: .reference)
        // Weights do not depend on these.
        (recipe.patterns.patchSize, recipe.imageSize) = (1, 32)
        (recipe.autoencoder.isTrained, recipe.imageModel.isTrained, recipe.imageAutoencoder.isTrained) = (
            false, false, false
        )
        try SmallTraining.chain(recipe, in: folder.url, memory: 24 << 30).checkMemory()
        #expect {
            try SmallTraining.chain(recipe, in: folder.url, memory: 4 << 30).checkMemory()
        } throws: {
            ($0 as? TrainingError)?.code == .unsuitable
        }
    }

    @Test("A loss that is no number ends the training with what to do")
    func divergence() throws {
        let folder = try TemporaryFolder()
        // The decay multiplies every weight by −9 in each step.
        let recipe = try SmallTraining.recipe(
            "autoencoder.optimization.learningRate=1",
            "autoencoder.optimization.weightDecay=10",
            "autoencoder.optimization.warmup=0",
            "autoencoder.optimization.epochs=40"
        )
        #expect {
            try SmallTraining.chain(recipe, in: folder.url).run()
        } throws: { error in
            (error as? TrainingError)?.code == .diverged && "\(error)".contains("learning rate")
        }
    }
}
