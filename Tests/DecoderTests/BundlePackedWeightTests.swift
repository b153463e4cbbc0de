import Foundation
import Neural
import Tensors
import Testing

@testable import Decoder

@Suite("The file of packed weights")
struct BundlePackedWeightTests {
    static let configuration = FMRIConditioningConfiguration(
        encoder: FMRIEncoderConfiguration(voxels: 64, width: 32, depth: 1, heads: 2),
        tokens: 5,
        contextWidth: 8
    )
    static let key = PackedWeightFile.Key(weights: "w", layout: PackedWeightFile.layoutVersion, instructionSet: "any")
    let folder: URL
    let pattern: Tensor

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var random = RandomNumbers(seed: 3)
        pattern = random.normal([1, 1, 64])
    }

    var file: URL { folder.appendingPathComponent("packed.cache") }

    /// A network that has packed its weights, and what it answers.
    func network(seed: UInt64, cache: PackedWeightFile? = nil) -> (store: ParameterStore, output: [Float]) {
        let store = ParameterStore(seed: seed)
        let conditioning = FMRIConditioning(Self.configuration, store.root)
        store.usePackedCache(cache)
        return (store, conditioning(pattern).value.elements)
    }

    @Test("gives a network the packed weights of another, bit by bit")
    func roundTrip() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = network(seed: 1)
        let size = try PackedWeightFile.write(first.store.parameters, key: Self.key, to: file)
        #expect(size > 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.size] as? Int == size)
        let cache = try #require(PackedWeightFile(file, key: Self.key))
        for parameter in first.store.parameters {
            for (form, data) in parameter.storablePackedData {
                let stored = try #require(cache.packedData(parameter: parameter.name, form: form))
                #expect(stored.elements == data.elements)
                #expect(Int(bitPattern: stored.pointer) % 64 == 0)
            }
        }
        // Biases, norms and position tables are not in the file, so only equal seeds give equal answers.
        #expect(network(seed: 1, cache: cache).output == first.output)
        #expect(network(seed: 2, cache: cache).output != first.output)
    }

    @Test("is refused for other weights, another layout and another instruction set")
    func otherKey() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try PackedWeightFile.write(network(seed: 1).store.parameters, key: Self.key, to: file)
        var keys = [Self.key, Self.key, Self.key]
        keys[0].weights = "others"
        keys[1].layout += 1
        keys[2].instructionSet = "another"
        for key in keys { #expect(PackedWeightFile(file, key: key) == nil) }
    }

    @Test("is refused when cut short, lengthened or with any byte of the header changed")
    func damagedHeader() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try PackedWeightFile.write(network(seed: 1).store.parameters, key: Self.key, to: file)
        let original = try Data(contentsOf: file)
        let headerEnd = PackedWeightFile.prefixLength + 200
        for length in [0, 1, 8, 87, 200, original.count / 2, original.count - 1] {
            try original.prefix(length).write(to: file)
            #expect(PackedWeightFile(file, key: Self.key) == nil)
        }
        try (original + [0]).write(to: file)
        #expect(PackedWeightFile(file, key: Self.key) == nil)
        for offset in 0..<headerEnd {
            var damaged = original
            damaged[offset] ^= 0x20
            try damaged.write(to: file)
            #expect(PackedWeightFile(file, key: Self.key) == nil, "byte \(offset)")
        }
    }

    @Test("an array with a changed bit is packed anew")
    func damagedArray() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = network(seed: 1)
        try PackedWeightFile.write(first.store.parameters, key: Self.key, to: file)
        var damaged = try Data(contentsOf: file)
        for offset in stride(from: damaged.count / 2, to: damaged.count, by: 100) { damaged[offset] ^= 1 }
        try damaged.write(to: file)
        let cache = try #require(PackedWeightFile(file, key: Self.key))
        let second = network(seed: 1, cache: cache)
        #expect(second.output == first.output)
    }

    @Test("the checksum sees every bit and the order of the words")
    func checksum() {
        let words = (0..<37).map { UInt8($0 &* 7) }
        let reference = words.withUnsafeBytes(PackedWeightFile.checksum)
        for index in words.indices {
            for bit in 0..<8 {
                var changed = words
                changed[index] ^= 1 << UInt8(bit)
                #expect(changed.withUnsafeBytes(PackedWeightFile.checksum) != reference)
            }
        }
        let swapped = Array(words[32...] + words[..<32])
        #expect(swapped.withUnsafeBytes(PackedWeightFile.checksum) != reference)
    }
}
