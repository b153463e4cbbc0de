import Tensors

/// Fields of random numbers with unit variance whose neighbours are correlated; edges meet, so that all voxels are alike.
struct SmoothNoise: Sendable {
    private let shape: SIMD3<Int>
    private let kernels: [SmoothingKernel]

    /// Prepares fields of a shape; deviations are those of the kernels along each axis, in voxels.
    init(shape: SIMD3<Int>, deviations: [Double]) {
        self.shape = shape
        // A kernel that is wider than the field would meet itself.
        kernels = (0..<3).map { axis in
            var kernel = SmoothingKernel(deviation: deviations[axis])
            var deviation = deviations[axis]
            while kernel.radius >= shape[axis] / 2, deviation > 0.05 {
                deviation *= 0.8
                kernel = SmoothingKernel(deviation: deviation)
            }
            return kernel
        }
    }

    /// Draws a field.
    func field(_ random: inout RandomNumbers) -> [Float] {
        var values = Self.white(shape.x * shape.y * shape.z, &random)
        var strides = 1
        for axis in 0..<3 {
            if kernels[axis].radius > 0 { smooth(&values, kernels[axis].taps, length: shape[axis], stride: strides) }
            strides *= shape[axis]
        }
        return values
    }

    /// Independent normal numbers.
    static func white(_ count: Int, _ random: inout RandomNumbers) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in Swift.stride(from: 0, to: count, by: 2) {
                let (a, b) = random.normalPair()
                buffer.initializeElement(at: index, to: a)
                if index + 1 < count { buffer.initializeElement(at: index + 1, to: b) }
            }
            initialized = count
        }
    }

    /// Smooths along an axis whose neighbours are `stride` apart, plane by plane.
    private func smooth(_ values: inout [Float], _ taps: [Float], length: Int, stride: Int) {
        let radius = taps.count / 2
        let block = length * stride
        var copy = [Float](repeating: 0, count: block)
        values.withUnsafeMutableBufferPointer { values in
            for start in Swift.stride(from: 0, to: values.count, by: block) {
                for index in 0..<block {
                    copy[index] = values[start + index]
                    values[start + index] = 0
                }
                copy.withUnsafeBufferPointer { copy in
                    for place in 0..<length {
                        let target = start + place * stride
                        for (tap, weight) in taps.enumerated() {
                            let source = (place + tap - radius + length) % length * stride
                            for offset in 0..<stride { values[target + offset] += weight * copy[source + offset] }
                        }
                    }
                }
            }
        }
    }
}
