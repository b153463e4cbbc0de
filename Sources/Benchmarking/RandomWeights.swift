import Foundation
import Neural
import Tensors

/// Weights that keep activations of order one, made quickly and given back to the system as soon as they are packed.
enum RandomWeights {
    /// Defers the values of all parameters to random ones.
    ///
    /// Matrices get uniform values of variance 1/fan-in, vectors small ones, with 1 added for the scales of norms.
    static func fill(_ store: ParameterStore) {
        for parameter in store.parameters where !parameter.name.hasSuffix("pos_embed") {
            let shape = parameter.shape
            let name = parameter.name
            let fanIn = max(1, shape.dropFirst().reduce(1, *))
            let isVector = shape.count == 1
            let scale = isVector ? 0.1 : (3 / Float(fanIn)).squareRoot()
            let offset: Float = isVector && name.hasSuffix(".weight") ? 1 : 0
            parameter.defer { tensor(shape: shape, scale: scale, offset: offset, seed: name) }
        }
    }

    /// Uniform in `offset ± scale`, in memory that does not stay in the workspace.
    static func tensor(shape: [Int], scale: Float, offset: Float = 0, seed: String) -> Tensor {
        let count = shape.reduce(1, *)
        let memory = TransientMemory(count: count)
        var state = seed.utf8.reduce(0x9e37_79b9_7f4a_7c15 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        for index in 0..<count {
            // A linear congruential generator; its high bits are random enough for weights that nobody trains on.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let unit = Float(UInt32(truncatingIfNeeded: state >> 40)) * 0x1p-23 - 1
            memory.pointer[index] = offset + scale * unit
        }
        return Tensor(viewing: memory.pointer, shape: shape, owner: memory)
    }
}

/// Memory that returns to the system when the last tensor on it goes away.
private final class TransientMemory: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    private let byteCount: Int

    init(count: Int) {
        byteCount = max(count, 1) * MemoryLayout<Float>.stride
        let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else { fatalError("out of memory: \(byteCount) bytes") }
        pointer = address.bindMemory(to: Float.self, capacity: max(count, 1))
    }

    deinit {
        munmap(pointer, byteCount)
    }
}
