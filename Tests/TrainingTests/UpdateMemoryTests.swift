import Foundation
import Settings
import Tensors
import Testing

@testable import Training

@Suite("Memory that training needs")
struct UpdateMemoryTests {
    @Test("What an update is said to keep is most of what it takes", arguments: [4, 16])
    func measured(batch: Int) throws {
        let recipe = try SmallTraining.recipe("pretraining.optimization.batch=\(batch)")
        let material = try TrainingMaterial(
            recipe: recipe,
            pairs: SmallTraining.pairs(),
            prior: SmallTraining.images(24, seed: 7)
        )
        let phases: [(any TrainingPhase, OptimizationRecipe)] = [
            (try PretrainingPhase(material), recipe.pretraining.optimization),
            (try ImageAutoencoderPhase(material), recipe.imageAutoencoder.optimization),
        ]
        for (phase, optimization) in phases {
            let said = UpdateMemory(of: phase, optimization).bytesOfItem * batch
            let engine = Engine(threads: 1)
            Engine.$current.withValue(engine) {
                var random = RandomNumbers(seed: 1, purpose: "items")
                phase.loss(of: Array(0..<batch), random: &random).total.backward()
            }
            let taken = engine.workspace.statistics.peakUsedBytes
            #expect(said > taken / 4 && said < taken * 5 / 4, "\(phase.name): \(said) of \(taken) bytes")
        }
    }

    @Test(
        "An update that does not fit into memory is refused by its phase",
        arguments: [
            ("autoencoder", "autoencoder"), ("imageModel", "image model"), ("pretraining", "pretraining"),
            ("imageAutoencoder", "image autoencoder"), ("crossModal", "cross-modal tuning"),
            ("diffusionTuning", "diffusion tuning"), ("distillation", "distillation"),
        ]
    )
    func refused(section: String, phase: String) throws {
        let folder = try TemporaryFolder()
        let recipe = try SmallTraining.recipe(
            "distillation.train=true",
            "distillation.trajectory=8",
            "distillation.optimization.batch=8",
            "\(section).optimization.batch=65536"
        )
        let error = #expect(throws: TrainingError.self) {
            try SmallTraining.chain(recipe, in: folder.url, memory: 64 << 20).run()
        }
        #expect(error?.code == .unsuitable && error?.subject == phase)
        #expect(error?.detail.contains("optimization.accumulation") == true)
    }

    @Test("An update that does not fit at once may fit in parts")
    func accumulated() throws {
        let folder = try TemporaryFolder()
        let recipe = try SmallTraining.recipe("pretraining.optimization.batch=65536")
        let phase = try PretrainingPhase(SmallTraining.chain(recipe, in: folder.url).material)
        func loop(accumulation: Int) -> TrainingLoop {
            var optimization = recipe.pretraining.optimization
            optimization.accumulation = accumulation
            return TrainingLoop(
                optimization: optimization,
                seed: 1,
                folder: folder.url,
                fingerprint: "",
                memory: 16 << 20,
                report: { _ in }
            )
        }
        #expect(throws: TrainingError.self) { try loop(accumulation: 1).checkMemory(of: phase) }
        try loop(accumulation: 4096).checkMemory(of: phase)
    }

    @Test("Patterns that are repeated too often are refused before they are made", arguments: ["features", "none"])
    func repeats(reduction: String) throws {
        let folder = try TemporaryFolder()
        let recipe = try SmallTraining.recipe("patterns.repeats=4096", "patterns.reduction=\(reduction)")
        let error = #expect(throws: TrainingError.self) {
            try SmallTraining.chain(recipe, in: folder.url, memory: 128 << 10)
        }
        #expect(error?.subject == "patterns" && error?.detail.contains("repeats") == true)
        #expect(try SmallTraining.chain(recipe, in: folder.url, memory: 8 << 20).material.patterns.rows == 16)
    }
}
