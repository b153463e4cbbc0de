import Decoder
import Foundation
import Neural
import SharedMaterial
import Tensors
import TestSupport
import Testing

@Suite("Diffusion networks")
struct DiffusionNetworkTests {
    /// A small network, its weights random.
    private static func smallModel() -> LatentDiffusion {
        var autoencoder = SmallDecoder.autoencoder
        autoencoder.codes = 20
        return LatentDiffusion(
            LatentDiffusionConfiguration(unet: SmallDecoder.unet, autoencoder: autoencoder),
            seed: 3
        )
    }

    @Test(
        "at full size, names and shapes are those of the reference's state dict",
        .enabled(if: SharedMaterial.isPresent)
    )
    func keyLists() throws {
        func check(_ file: String, _ store: ParameterStore) throws {
            let text = try String(contentsOf: SharedMaterial.url("spec/decoder-keys/\(file)"), encoding: .utf8)
            let lines = text.split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(Set(lines.map { String($0[0]) }) == Set(store.parameters.map(\.name)), "\(file)")
            for line in lines {
                let shape = line[1].split { !$0.isNumber }.compactMap { Int($0) }
                #expect(store[String(line[0])]?.shape == shape, "\(line[0])")
            }
        }
        let unet = ParameterStore()
        _ = UNet(UNetConfiguration(), unet.root)
        try check("unet_with_time_cond.tsv", unet)
        #expect(unet.count == 401_317_566)
        let autoencoder = ParameterStore()
        _ = VQAutoencoder(VQAutoencoderConfiguration(), autoencoder.root)
        try check("vq_f4_interface.tsv", autoencoder)
        #expect(autoencoder.count == 55_322_782)
    }

    @Test("without time conditioning the UNet has the size of the label-to-image model")
    func labelToImage() {
        var configuration = UNetConfiguration()
        configuration.timeConditioning = .none
        let store = ParameterStore()
        _ = UNet(configuration, store.root)
        #expect(store.count == 400_920_579)
    }

    @Test("tuning trains the conditioning and the UNet's way to it, 118 tensors of the UNet")
    func selection() {
        let encoder = FMRIEncoderConfiguration(voxels: 4656)
        let model = LatentDiffusion(
            LatentDiffusionConfiguration(conditioning: FMRIConditioningConfiguration(encoder: encoder))
        )
        let trained = DiffusionTuningStep.parameters(.conditioning, of: model.store)
        let unet = trained.filter { $0.name.hasPrefix("model.diffusion_model.") }
        #expect(unet.count == 118)
        #expect(unet.reduce(0) { $0 + $1.count } == 27_093_627)
        #expect(Set(trained.map(\.name)).count == trained.count)
        #expect(!trained.contains { $0.name.hasPrefix("first_stage_model.") })
    }

    @Test("the items of a batch do not influence each other, and any instruction set agrees")
    func batches() {
        let model = Self.smallModel()
        let x = seededNoise([2, 8, 8, 3], seed: 1, purpose: "x")
        let context = seededNoise([2, 6, 16], seed: 2, purpose: "context")
        func run(_ items: Range<Int>, timesteps: [Int]) -> [Float] {
            let conditioning = model.unet.prepare(Variable(context.rows(items)))
            return model.unet(Variable(x.rows(items)), timesteps: timesteps, conditioning: conditioning).value.elements
        }
        let both = run(0..<2, timesteps: [10, 700])
        let single = run(0..<1, timesteps: [10]) + run(1..<2, timesteps: [700])
        for (a, b) in zip(both, single) { #expect(abs(a - b) < 1e-4) }
        for set in InstructionSet.allCases where set.isAvailable {
            let other = Engine.$current.withValue(Engine(threads: 1, instructionSet: set)) {
                run(0..<2, timesteps: [10, 700])
            }
            for (a, b) in zip(both, other) { #expect(abs(a - b) < 1e-4, "\(set)") }
        }
    }

    @Test("sampling and decoding give the same bits on one and on two threads")
    func threads() throws {
        let model = Self.smallModel()
        let context = seededNoise([1, 6, 16], seed: 2, purpose: "context")
        func image(threads: Int) throws -> [Float] {
            try Engine.$current.withValue(Engine(threads: threads)) {
                let start = seededNoise(model.latentShape(count: 1), seed: 4, purpose: "start noise")
                let schedule = SamplingSchedule(steps: 4, spacing: .logSNR)
                return model.decode(
                    try model.sample(context: context, start: start, sampler: UniPC(), schedule: schedule)
                )
                .elements
            }
        }
        #expect(try image(threads: 1) == image(threads: 2))
    }

    @Test("a cancelled task stops within a network call")
    func cancellation() async {
        let task = Task {
            let model = Self.smallModel()
            let context = seededNoise([1, 6, 16], seed: 2, purpose: "context")
            let start = seededNoise(model.latentShape(count: 1), seed: 4, purpose: "start noise")
            var calls = 0
            do {
                _ = try model.sample(
                    context: context,
                    start: start,
                    sampler: DDIM(),
                    schedule: SamplingSchedule(steps: 1000)
                ) { _ in
                    calls += 1
                    if calls == 2 { withUnsafeCurrentTask { $0?.cancel() } }
                    return .proceed
                }
                return (calls, false)
            } catch { return (calls, error is CancellationError) }
        }
        let (calls, isCancellation) = await task.value
        #expect(calls == 2)
        #expect(isCancellation)
    }

    @Test("a latent is replaced by its nearest code, the first among equals, and the gradient passes through")
    func quantization() {
        let autoencoder = Self.smallModel().autoencoder
        let table = seededNoise([20, 3], seed: 7, purpose: "codes")
        for channel in 0..<3 { table.pointer[9 * 3 + channel] = table.pointer[4 * 3 + channel] }
        autoencoder.codebook.embedding.value = table
        let codes = [4, 0, 19, 9]
        let latents = Tensor(codes.flatMap { table.rows($0..<$0 + 1).elements.map { $0 + 1e-4 } }, shape: [1, 2, 2, 3])
        #expect(autoencoder.codebook.indices(latents) == [4, 0, 19, 4])
        let parameter = Parameter(name: "z", shape: [1, 2, 2, 3]) { latents }
        parameter.isTrainable = true
        let quantized = autoencoder.quantize(parameter.variable)
        sum(quantized.latents).backward()
        #expect(parameter.gradient?.elements == [Float](repeating: 1, count: 12))
        #expect(abs(quantized.loss.value.item - 1.25e-8) < 1e-9)
    }

    @Test("a few steps of training the whole UNet lower its loss, and repeat exactly")
    func training() {
        func losses() -> [Float] {
            let model = Self.smallModel()
            let step = DiffusionTuningStep(model: model, selection: .unet, learningRate: 1e-3)
            let latents = seededNoise(model.latentShape(count: 2), seed: 1, purpose: "latents")
            let noise = seededNoise(latents.shape, seed: 2, purpose: "noise")
            let context = Variable(seededNoise([2, 6, 16], seed: 3, purpose: "context"))
            return (0..<6).map { _ in
                model.store.clearGradients()
                let loss = step.loss(latents: latents, context: context, timesteps: [100, 800], noise: noise).simple
                loss.backward()
                step.update()
                return loss.value.item
            }
        }
        let first = losses()
        #expect(first[5] < 0.9 * first[0], "\(first)")
        #expect(losses() == first)
    }

    @Test("averages start at the parameters and follow them, slowly at last")
    func movingAverage() {
        let parameter = Parameter(name: "w", shape: [1]) { Tensor([0], shape: [1]) }
        let average = ExponentialMovingAverage([parameter])
        parameter.value = Tensor([1], shape: [1])
        average.update()
        // Decay (1 + 1)/(10 + 1) at the first update.
        #expect(abs((average.averages["w"]?.item ?? 0) - (1 - 2 / 11)) < 1e-6)
        average.withAverages { #expect(parameter.value.item < 1) }
        #expect(parameter.value.item == 1)
    }
}
