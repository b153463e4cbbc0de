import Tensors

func measureLinear(_ timing: Timing) {
    let shapes = [
        (1024, 384, 384), (1024, 3072, 384), (1024, 384, 1536), (256, 576, 576), (256, 4608, 576), (256, 576, 2304),
        (64, 960, 960), (64, 7680, 960), (64, 960, 3840), (77, 384, 512), (1, 960, 768), (291, 1024, 1024),
        (291, 3072, 1024), (291, 4096, 1024), (291, 1024, 4096), (1164, 1024, 1024),
    ]
    for (rows, outputs, inputs) in shapes {
        let x = timing.random([rows, inputs])
        let bias = timing.random([outputs])
        let weights = timing.copies(bytes: 4 * outputs * inputs) { PackedMatrix(timing.random([outputs, inputs])) }
        timing.measure("linear \(rows)x\(outputs)x\(inputs)", operations: 2 * Double(rows * outputs * inputs)) {
            _ = linear(x, weights[$0 % weights.count], bias: bias)
        }
    }
    for (m, n, k) in [(1024, 1024, 1024), (1024, 384, 384), (1024, 1024, 1164), (384, 3072, 1024)] {
        let (a, b) = (timing.random([m, k]), timing.random([k, n]))
        let (aT, bT) = (timing.random([k, m]), timing.random([n, k]))
        let operations = 2 * Double(m * n * k)
        timing.measure("matmul nn \(m)x\(n)x\(k)", operations: operations) { _ in _ = matrixMultiply(a, b) }
        timing.measure("matmul nt \(m)x\(n)x\(k)", operations: operations) { _ in
            _ = matrixMultiply(a, bT, transposeB: true)
        }
        timing.measure("matmul tn \(m)x\(n)x\(k)", operations: operations) { _ in
            _ = matrixMultiply(aT, b, transposeA: true)
        }
    }
}

/// Inputs, outputs and size of the UNet's and the VQ decoder's convolutions.
private let convolutionShapes = [
    (3, 192, 64), (192, 192, 64), (384, 192, 64), (576, 192, 64), (384, 384, 64), (192, 3, 64), (192, 384, 32),
    (384, 384, 32), (960, 384, 32), (768, 384, 32), (576, 576, 32), (576, 576, 16), (1536, 576, 16), (960, 960, 16),
    (576, 960, 8), (960, 960, 8), (1920, 960, 8), (512, 512, 64), (512, 512, 128), (512, 256, 128), (256, 256, 128),
    (256, 256, 256), (256, 128, 256), (128, 128, 256), (128, 3, 256),
]

func measureConvolutions(_ timing: Timing) {
    let geometry = ConvolutionGeometry(kernel: 3, padding: Padding(1))
    for (inputs, outputs, size) in convolutionShapes {
        let name = "conv \(inputs)>\(outputs)@\(size)"
        if let filter = timing.filter, !name.contains(filter) { continue }
        let x = timing.random([1, size, size, inputs])
        let bias = timing.random([outputs])
        let weight = timing.random([outputs, inputs, 3, 3])
        let operations = 18 * Double(inputs * outputs * size * size)
        let chosen = PackedConvolution.method(
            for: geometry,
            inputs: inputs,
            outputs: outputs,
            height: size,
            width: size
        )
        let packed = timing.copies(bytes: weight.count * 4 * chosen.bytesFactor) {
            PackedConvolution(weight, geometry: geometry, method: chosen)
        }
        timing.measure("\(name) \(chosen.rawValue)", operations: operations) {
            _ = convolution(x, packed[$0 % packed.count], bias: bias)
        }
    }
}

extension PackedConvolution.Method {
    fileprivate var bytesFactor: Int { self == .winograd4 ? 4 : self == .direct ? 1 : 2 }
}

func measureAttention(_ timing: Timing) {
    let shapes = [
        (1024, 1024, 1, 384), (256, 256, 1, 576), (64, 64, 1, 960), (1024, 77, 1, 384), (1024, 1024, 12, 32),
        (291, 291, 16, 64), (4096, 4096, 1, 512),
    ]
    for (queries, keys, heads, width) in shapes {
        let q = timing.random([1, queries, heads * width])
        let k = timing.random([1, keys, heads * width])
        let operations = 4 * Double(queries * keys * heads * width)
        timing.measure("attention \(queries)x\(keys) \(heads)x\(width)", operations: operations) { _ in
            _ = attention(q, k, k, heads: heads)
        }
        if queries <= 1024 {
            let result = attention(q, k, k, heads: heads)
            timing.measure("attention gradient \(queries)x\(keys) \(heads)x\(width)", operations: 2.5 * operations) {
                _ in _ = attentionGradient(q, q: q, k: k, v: k, result: result, heads: heads)
            }
        }
    }
}

/// "Operations" are elements here.
func measureElementwise(_ timing: Timing) {
    for (pixels, channels) in [(4096, 192), (1024, 384), (64, 960), (2328, 1024), (65536, 128)] {
        let x = timing.random([1, pixels, channels])
        let (w, b) = (timing.random([channels]), timing.random([channels]))
        let count = Double(x.count)
        timing.measure("group norm + silu \(pixels)x\(channels)", operations: count) { _ in
            _ = groupNorm(x, groups: 32, weight: w, bias: b, epsilon: 1e-6, activation: .silu)
        }
        let r = groupNorm(x, groups: 32, weight: w, bias: b, epsilon: 1e-6, activation: .silu)
        timing.measure("group norm gradient \(pixels)x\(channels)", operations: count) { _ in
            _ = groupNormGradient(
                x,
                x: x,
                mean: r.mean,
                inverseDeviation: r.inverseDeviation,
                groups: 32,
                weight: w,
                bias: b,
                activation: .silu
            )
        }
        timing.measure("layer norm \(pixels)x\(channels)", operations: count) { _ in
            _ = layerNorm(x, weight: w, bias: b, epsilon: 1e-5)
        }
        let l = layerNorm(x, weight: w, bias: b, epsilon: 1e-5)
        timing.measure("layer norm gradient \(pixels)x\(channels)", operations: count) { _ in
            _ = layerNormGradient(x, x: x, mean: l.mean, inverseDeviation: l.inverseDeviation, weight: w)
        }
        timing.measure("geglu \(pixels)x\(channels)", operations: count / 2) { _ in _ = geglu(x) }
        timing.measure("gelu \(pixels)x\(channels)", operations: count) { _ in _ = gelu(x) }
        timing.measure("silu \(pixels)x\(channels)", operations: count) { _ in _ = silu(x) }
        timing.measure("add \(pixels)x\(channels)", operations: count) { _ in _ = add(x, x) }
        timing.measure("column sums \(pixels)x\(channels)", operations: count) { _ in _ = columnSums(x) }
        timing.measure("transpose \(pixels)x\(channels)", operations: count) { _ in _ = transposeLast2(x) }
        timing.measure("concatenate \(pixels)x\(channels)", operations: 2 * count) { _ in _ = concatenate([x, x]) }
    }
}

func measureGradients(_ timing: Timing) {
    let geometry = ConvolutionGeometry(kernel: 3, padding: Padding(1))
    for (inputs, outputs, size) in [(192, 192, 64), (384, 384, 32), (576, 576, 16), (960, 960, 8)] {
        let x = timing.random([1, size, size, inputs])
        let dy = timing.random([1, size, size, outputs])
        let weight = timing.random([outputs, inputs, 3, 3])
        let operations = 18 * Double(inputs * outputs * size * size)
        timing.measure("conv dx \(inputs)>\(outputs)@\(size)", operations: operations) { _ in
            _ = convolutionInputGradient(dy, weight: weight, geometry: geometry, inputShape: x.shape)
        }
        timing.measure("conv dw \(inputs)>\(outputs)@\(size)", operations: operations) { _ in
            _ = convolutionWeightGradient(dy, x, geometry: geometry)
        }
        timing.measure("pack direct \(inputs)>\(outputs)", operations: Double(weight.count)) { _ in
            _ = PackedConvolution(weight, geometry: geometry, method: .direct)
        }
        timing.measure("pack winograd4 \(inputs)>\(outputs)", operations: Double(weight.count)) { _ in
            _ = PackedConvolution(weight, geometry: geometry, method: .winograd4)
        }
    }
}
