import Digests
import Foundation
import Neural
import SharedMaterial
import Tensors
import TestSupport
import Testing
import Weights

@testable import Decoder

@Suite("Decoder bundles")
final class BundleTests {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// A small decoder as a fine-tuned checkpoint, in safetensors.
    static func makeDecoder() -> LatentDiffusion { SmallDecoder.makeDecoder(voxels: 64) }

    func writeCheckpoint(
        _ decoder: LatentDiffusion,
        name: String = "tuned.safetensors",
        change: (String, Tensor) -> Tensor? = { $1 }
    ) throws -> String {
        let arrays = decoder.store.parameters.compactMap { parameter in
            change(parameter.name, parameter.value).map { (parameter.name, $0) }
        }
        let path = folder.appendingPathComponent(name).path
        let outputs = arrays.map { name, tensor in
            Safetensors.Output(name: name, shape: tensor.shape) { (body) throws(WeightsError) in
                try body(UnsafeBufferPointer(start: tensor.pointer, count: tensor.count))
            }
        }
        try Safetensors.write(outputs, metadata: ["num_heads": "2", "img_size": "16", "ddim_steps": "20"], to: path)
        return path
    }

    func makeBundle(_ name: String = "a.percept") throws -> URL {
        let url = folder.appendingPathComponent(name)
        try BundleImport(fineTuned: try writeCheckpoint(Self.makeDecoder())).write(to: url, creator: "a test")
        return url
    }

    /// An image for a fixed pattern and noise.
    static func image(_ decoder: LatentDiffusion) throws -> [Float] {
        var random = RandomNumbers(seed: 4)
        let conditioning = try #require(decoder.conditioning)
        let context = conditioning(random.normal([1, 1, 64])).value
        let latents = try decoder.sample(
            context: context,
            start: random.normal(decoder.latentShape(count: 1)),
            sampler: SamplerMethod.ddim.makeSampler(),
            schedule: SamplingSchedule(steps: 2)
        )
        return decoder.decode(latents).elements
    }

    @Test("a checkpoint's weights, sizes and suggestions come back from the bundle made of it")
    func roundTrip() throws {
        let original = Self.makeDecoder()
        let url = try makeBundle()
        let bundle = try DecoderBundle(opening: url)
        #expect(bundle.manifest.networks == original.configuration)
        #expect(bundle.manifest.voxels == 64)
        #expect(bundle.manifest.sampler == .init(method: .plms, steps: 20))
        #expect(!bundle.manifest.provenance.needsFineTuning)
        #expect(bundle.manifest.provenance.notes.isEmpty)
        let source = try #require(bundle.manifest.provenance.sources.first)
        #expect(source.name == "tuned.safetensors")
        let file = folder.appendingPathComponent("tuned.safetensors")
        #expect(source.sha256 == (try SHA256.hexDigest(of: file)))
        let decoder = try bundle.makeDecoder()
        for (a, b) in zip(original.store.parameters, decoder.store.parameters) {
            #expect(a.name == b.name)
            #expect(a.value.elements == b.value.elements)
        }
        #expect(try Self.image(decoder) == Self.image(original))
        #expect(try bundle.damagedFiles().isEmpty)
    }

    @Test("packed weights are kept once, used by the next opening, and made anew when damaged")
    func packedWeights() throws {
        let url = try makeBundle()
        let first = try DecoderBundle(opening: url)
        let decoder = try first.makeDecoder()
        let expected = try Self.image(decoder)
        #expect(try first.savePackedWeights(of: decoder) > 0)
        let second = try DecoderBundle(opening: url)
        let reopened = try second.makeDecoder()
        #expect(try Self.image(reopened) == expected)
        #expect(try second.savePackedWeights(of: reopened) == 0)
        let cache = url.appendingPathComponent(PackedWeightFile.fileName)
        var bytes = try Data(contentsOf: cache)
        bytes[bytes.count - 100_000] ^= 8
        try bytes.write(to: cache)
        let third = try DecoderBundle(opening: url)
        let repaired = try third.makeDecoder()
        #expect(try Self.image(repaired) == expected)
        #expect(try third.savePackedWeights(of: repaired) > 0)
        try Data("nonsense".utf8).write(to: cache)
        let fourth = try DecoderBundle(opening: url)
        let unaided = try fourth.makeDecoder()
        #expect(try Self.image(unaided) == expected)
        #expect(try fourth.savePackedWeights(of: unaided) > 0)
    }

    @Test("a file that is missing, of another size or changed is noticed")
    func damage() throws {
        let url = try makeBundle()
        let weights = url.appendingPathComponent("unet.safetensors")
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: weights)
        #expect(try DecoderBundle(opening: url).damagedFiles() == ["unet.safetensors"])
        try bytes.dropLast().write(to: weights)
        #expect(throws: BundleError.self) { try DecoderBundle(opening: url) }
        try FileManager.default.removeItem(at: weights)
        let error = #expect(throws: BundleError.self) { try DecoderBundle(opening: url) }
        #expect(error?.code == .notFound)
    }

    @Test(
        "a description that is no JSON, lacks something, is of another version or has absurd sizes is refused",
        arguments: [
            ("{", "not valid"), ("\"version\" : 1", "version"), ("\"voxels\" : 64", "voxels"),
            ("\"codes\" : 32", "n_embed"), ("\"unet.safetensors\"", "outside"),
        ]
    )
    func manifest(part: String, complaint: String) throws {
        let replacements = [
            "{": "", "\"version\" : 1": "\"version\" : 2", "\"voxels\" : 64": "\"voxelz\" : 64",
            "\"codes\" : 32": "\"codes\" : 99999999999", "\"unet.safetensors\"": "\"../unet.safetensors\"",
        ]
        let url = try makeBundle()
        let file = url.appendingPathComponent(DecoderBundle.manifestName)
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacingOccurrences(of: part, with: replacements[part] ?? "").write(
            to: file,
            atomically: true,
            encoding: .utf8
        )
        let error = #expect(throws: BundleError.self) { try DecoderBundle(opening: url) }
        #expect(error?.code == .invalid)
        #expect(error?.detail.contains(complaint) == true, "\(error?.detail ?? "")")
    }

    @Test("nothing is replaced unasked, and only bundles when asked")
    func replacing() throws {
        let url = try makeBundle()
        let source = try BundleImport(fineTuned: folder.appendingPathComponent("tuned.safetensors").path)
        let error = #expect(throws: BundleError.self) { try source.write(to: url, creator: "a test") }
        #expect(error?.code == .alreadyExists)
        try source.write(to: url, replaces: true, creator: "a test")
        let other = folder.appendingPathComponent("photographs")
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
        #expect(throws: BundleError.self) { try source.write(to: other, replaces: true, creator: "a test") }
        #expect(FileManager.default.fileExists(atPath: other.path))
        let leftovers = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(leftovers.sorted() == ["a.percept", "photographs", "tuned.safetensors"])
    }

    @Test("a checkpoint without an array, or with one of another shape, is refused by its name")
    func incompleteCheckpoint() throws {
        let name = "model.diffusion_model.middle_block.0.in_layers.2.bias"
        let short = try writeCheckpoint(Self.makeDecoder(), name: "short.safetensors") { $0 == name ? nil : $1 }
        let missing = #expect(throws: BundleError.self) { try BundleImport(fineTuned: short) }
        #expect(missing?.code == .unsuitableCheckpoint)
        #expect(missing?.detail.contains(name) == true)
        let wide = try writeCheckpoint(Self.makeDecoder(), name: "wide.safetensors") {
            $0 == name ? Tensor(zeros: [7]) : $1
        }
        let misshapen = #expect(throws: BundleError.self) { try BundleImport(fineTuned: wide) }
        #expect(misshapen?.detail.contains("\(name) has shape [7], expected [64]") == true)
    }

    @Test("parts that do not fit each other are refused with both sizes")
    func mismatchedParts() throws {
        let path = try writeCheckpoint(Self.makeDecoder()) { name, value in
            switch name {
            case "cond_stage_model.dim_mapper.weight": Tensor(zeros: [24, 32])
            case "cond_stage_model.dim_mapper.bias": Tensor(zeros: [24])
            default: value
            }
        }
        let error = #expect(throws: BundleError.self) { try BundleImport(fineTuned: path) }
        #expect(error?.detail.contains("context of width 24, the UNet takes one of 16") == true)
    }
}
