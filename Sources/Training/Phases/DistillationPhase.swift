import Decoder
import Foundation
import Neural
import Settings
import Tensors

/// Distils a student that sees the end of the teacher's process in one step (latent consistency distillation; Luo et
/// al., arXiv 2310.04378).
///
/// From noisy latents at a timestep, the teacher takes one DDIM step towards the end of its trajectory; the student's
/// estimate from before that step learns to agree with the averaged student's from after it. No guidance: the decoder
/// uses none.
final class DistillationPhase: TrainingPhase {
    let name = "distillation"
    /// The student, with the teacher's conditioning and autoencoder.
    let student: LatentDiffusion
    private let teacher: LatentDiffusion
    private let target: LatentDiffusion
    private let tuning: DiffusionTuningPhase
    private let recipe: DistillationRecipe
    private let optimizer: AdamW
    private let timesteps: [Int]

    /// Starts the student at the teacher, which `tuning` trained.
    init(_ tuning: DiffusionTuningPhase, recipe: TrainingRecipe) {
        self.tuning = tuning
        self.recipe = recipe.distillation
        teacher = tuning.model
        student = LatentDiffusion(teacher.configuration, seed: recipe.seed)
        target = LatentDiffusion(teacher.configuration, seed: recipe.seed)
        for model in [student, target] { model.store.copyValues(of: teacher.store) }
        teacher.store.train { _ in false }
        target.store.train { _ in false }
        student.store.train { $0.name.hasPrefix("model.diffusion_model.") }
        optimizer = AdamW(recipe.distillation.optimization, student.store.trainable)
        timesteps = TimestepSpacing.trailing.timesteps(
            steps: recipe.distillation.trajectory,
            schedule: teacher.schedule
        )
    }

    var itemCount: Int { tuning.itemCount }
    var networks: [(name: String, store: ParameterStore)] { [("student", student.store), ("target", target.store)] }
    var optimizers: [(name: String, optimizer: AdamW)] { [("student", optimizer)] }
    var trained: [Parameter] { student.store.trainable }

    func prepare() { tuning.prepare() }

    func begin(step: Int, of steps: Int) {
        guard step > 0 else { return }
        // The target follows the student after each of its updates.
        let decay = Float(recipe.targetDecay)
        for parameter in student.store.trainable {
            target.store[parameter.name]?.update { average in
                let value = parameter.value
                for index in 0..<average.count {
                    average.pointer[index] += (1 - decay) * (value.pointer[index] - average.pointer[index])
                }
            }
        }
    }

    func loss(of items: [Int], random: inout RandomNumbers) -> PhaseLoss {
        let (patterns, latents) = tuning.pairs(items, random: &random)
        let places = items.map { _ in 1 + random.integer(below: timesteps.count - 1) }
        let (later, earlier) = (places.map { timesteps[$0] }, places.map { timesteps[$0 - 1] })
        let noisy = noisyLatents(
            latents,
            noise: random.normal(latents.shape),
            timesteps: later,
            schedule: teacher.schedule
        )
        let (context, goal) = GradientRecording.disabled { () -> (Tensor, Tensor) in
            guard let conditioning = teacher.conditioning else {
                preconditionFailure("A model without conditioning has no student.")
            }
            let context = conditioning(patterns).value
            let prediction = teacher.unet(
                Variable(noisy),
                timesteps: later,
                conditioning: teacher.unet.prepare(Variable(context))
            ).value
            let stepped = implicit(noisy, prediction, from: later, to: earlier)
            let goal = estimate(target, Variable(stepped), Variable(context), earlier).value
            return (context, goal)
        }
        let guess = estimate(student, Variable(noisy), Variable(context), later)
        return PhaseLoss(total: meanSquaredError(guess, Variable(goal)))
    }

    /// c_skip·x + c_out·x̂₀: the finished latents that a network sees from noisy ones.
    ///
    /// The two factors make the estimate the latents themselves where there is no noise.
    private func estimate(
        _ model: LatentDiffusion,
        _ x: Variable,
        _ context: Variable,
        _ timesteps: [Int]
    ) -> Variable {
        let noise = model.unet(x, timesteps: timesteps, conditioning: model.unet.prepare(context))
        let alphas = timesteps.map { model.schedule.alphasCumulative[$0] }
        let boundary = timesteps.map { timestep -> (skip: Double, out: Double) in
            let (scaled, deviation) = (10 * Double(timestep), 0.5)
            let square = scaled * scaled + deviation * deviation
            return (deviation * deviation / square, scaled / square.squareRoot())
        }
        let ofInput = zip(alphas, boundary).map { Float($1.skip + $1.out / $0.squareRoot()) }
        let ofNoise = zip(alphas, boundary).map { Float(-$1.out * ((1 - $0) / $0).squareRoot()) }
        return scaled(x, ofInput) + scaled(noise, ofNoise)
    }

    /// Each item times a factor of its own.
    private func scaled(_ x: Variable, _ factors: [Float]) -> Variable {
        let table = Tensor(uninitialized: x.shape)
        let inner = x.value.count / factors.count
        for (item, factor) in factors.enumerated() {
            (table.pointer + item * inner).update(repeating: factor, count: inner)
        }
        return x * Variable(table)
    }

    /// One step of DDIM, each item from a timestep of its own to another.
    private func implicit(_ x: Tensor, _ noise: Tensor, from later: [Int], to earlier: [Int]) -> Tensor {
        let result = Tensor(uninitialized: x.shape)
        let inner = x.count / later.count
        for item in later.indices {
            let alpha = teacher.schedule.alphasCumulative[later[item]]
            let previous = teacher.schedule.alphasCumulative[earlier[item]]
            let ofInput = Float((previous / alpha).squareRoot())
            let ofNoise = Float((1 - previous).squareRoot() - (previous * (1 - alpha) / alpha).squareRoot())
            for index in item * inner..<(item + 1) * inner {
                result.pointer[index] = ofInput * x.pointer[index] + ofNoise * noise.pointer[index]
            }
        }
        return result
    }
}
