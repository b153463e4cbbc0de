import Foundation
import Neural
import Tensors
import Testing

private typealias Reference = Float64Operations

@Suite("Every operation and its gradient agree with float64")
struct OperationGradientTests {
    @Test("arithmetic")
    func arithmetic() {
        let shapes = [[3, 5], [3, 5]]
        GradientCheck(
            operation: { $0[0].variable + $0[1].variable },
            reference: { zip($0[0], $0[1]).map(+) },
            shapes: shapes
        ).run()
        GradientCheck(
            operation: { $0[0].variable - $0[1].variable },
            reference: { zip($0[0], $0[1]).map(-) },
            shapes: shapes
        ).run()
        GradientCheck(
            operation: { $0[0].variable * $0[1].variable },
            reference: { zip($0[0], $0[1]).map(*) },
            shapes: shapes
        ).run()
        GradientCheck(operation: { -1.5 * $0[0].variable }, reference: { $0[0].map { -1.5 * $0 } }, shapes: [[7]]).run()
        GradientCheck(operation: { sum($0[0].variable) }, reference: { [$0[0].reduce(0, +)] }, shapes: [[4, 9]]).run()
        GradientCheck(operation: { mean($0[0].variable) }, reference: { [$0[0].reduce(0, +) / 36] }, shapes: [[4, 9]])
            .run()
        GradientCheck(
            operation: { addBroadcast($0[0].variable, $0[1].variable) },
            reference: { a in a[0].enumerated().map { $1 + a[1][$0 % 15] } },
            shapes: [[2, 3, 5], [3, 5]]
        ).run()
    }

    @Test("activations", arguments: [1, 5, 16, 33, 67])
    func activations(width: Int) {
        let shape = [3, width]
        GradientCheck(operation: { silu($0[0].variable) }, reference: { $0[0].map(Reference.silu) }, shapes: [shape])
            .run()
        GradientCheck(operation: { gelu($0[0].variable) }, reference: { $0[0].map(Reference.gelu) }, shapes: [shape])
            .run()
        GradientCheck(
            operation: { geglu($0[0].variable) },
            reference: { a in
                (0..<3 * width).map { index in
                    let start = index / width * 2 * width + index % width
                    return a[0][start] * Reference.gelu(a[0][start + width])
                }
            },
            shapes: [[3, 2 * width]]
        ).run()
        GradientCheck(
            operation: { softmax($0[0].variable) },
            reference: { Reference.softmaxRows($0[0], width: width) },
            shapes: [shape]
        ).run()
    }

    @Test("products of matrices", arguments: [(false, false), (false, true), (true, false), (true, true)])
    func matrixProducts(transposeA: Bool, transposeB: Bool) {
        let (n, k, m) = (5, 7, 9)
        GradientCheck(
            operation: {
                matrixMultiply($0[0].variable, $0[1].variable, transposeA: transposeA, transposeB: transposeB)
            },
            reference: {
                let a = transposeA ? Reference.transpose($0[0], k, n) : $0[0]
                let b = transposeB ? Reference.transpose($0[1], m, k) : $0[1]
                return Reference.matrixMultiply(a, b, n, k, m)
            },
            shapes: [transposeA ? [k, n] : [n, k], transposeB ? [m, k] : [k, m]]
        ).run()
    }

    @Test("linear layers, single and side by side, with activation and residual")
    func linearLayers() {
        let (rows, inputs) = (6, 10)
        func product(_ x: [Double], _ w: [Double], _ b: [Double]) -> [Double] {
            let y = Reference.matrixMultiply(x, Reference.transpose(w, b.count, inputs), rows, inputs, b.count)
            return y.enumerated().map { $1 + b[$0 % b.count] }
        }
        for (activation, function) in [(Activation.none, { $0 }), (.silu, Reference.silu), (.gelu, Reference.gelu)]
            as [(Activation, (Double) -> Double)]
        {
            GradientCheck(
                operation: {
                    linear(
                        $0[0].variable,
                        weights: [$0[1]],
                        biases: [$0[2]],
                        activation: activation,
                        residual: $0[3].variable
                    )
                },
                reference: { a in zip(product(a[0], a[1], a[2]).map(function), a[3]).map(+) },
                shapes: [[2, 3, inputs], [8, inputs], [8], [2, 3, 8]]
            ).run()
        }
        GradientCheck(
            operation: { linear($0[0].variable, weights: [$0[1], $0[2]], biases: [$0[3], $0[4]]) },
            reference: { a in
                let (first, second) = (product(a[0], a[1], a[3]), product(a[0], a[2], a[4]))
                return Reference.besides(first, 4, second, 3)
            },
            shapes: [[rows, inputs], [4, inputs], [3, inputs], [4], [3]]
        ).run()
    }

    @Test(
        "convolutions of every geometry and size that selects another method",
        arguments: [(3, 1, 1, 1, 5, 4), (3, 1, 1, 1, 8, 8), (3, 2, 1, 1, 8, 6), (3, 2, 0, 1, 8, 8), (1, 1, 0, 0, 4, 5)]
    )
    func convolutions(kernel: Int, stride: Int, before: Int, after: Int, height: Int, width: Int) {
        let geometry = ConvolutionGeometry(
            kernel: kernel,
            stride: stride,
            padding: Padding(top: before, left: before, bottom: after, right: after)
        )
        let (inputs, outputs) = (5, 7)
        let shape = [2, height, width, inputs]
        let size = geometry.outputSize(height: height, width: width)
        let resultShape = [2, size.height, size.width, outputs]
        GradientCheck(
            operation: {
                convolution(
                    $0[0].variable,
                    weight: $0[1],
                    bias: $0[2],
                    geometry: geometry,
                    rowBias: $0[3].variable,
                    residual: $0[4].variable
                )
            },
            reference: { a in
                let y = Reference.convolution(a[0], shape, a[1], outputs: outputs, geometry)
                let positions = size.height * size.width
                return y.enumerated().map { index, value in
                    let (item, channel) = (index / (positions * outputs), index % outputs)
                    return value + a[2][channel] + a[3][item * outputs + channel] + a[4][index]
                }
            },
            shapes: [shape, [outputs, inputs, kernel, kernel], [outputs], [2, outputs], resultShape]
        ).run()
    }

    @Test("large convolutions, as Winograd computes them", arguments: [16, 32])
    func largeConvolutions(size: Int) {
        let geometry = ConvolutionGeometry(kernel: 3, padding: Padding(1))
        let shape = [1, size, size, 3]
        // Differentiating the float64 convolution by 24 elements each is what takes the time here.
        GradientCheck(
            operation: { convolution($0[0].variable, weight: $0[1], bias: nil, geometry: geometry) },
            reference: { Reference.convolution($0[0], shape, $0[1], outputs: 4, geometry) },
            shapes: [shape, [4, 3, 3, 3]]
        ).run()
    }

    @Test("attention", arguments: [(1, 3, 3, 1, 4), (2, 5, 7, 3, 8), (1, 33, 18, 2, 16)])
    func attentionOfSeveralHeads(batch: Int, n: Int, m: Int, heads: Int, d: Int) {
        GradientCheck(
            operation: { attention($0[0].variable, $0[1].variable, $0[2].variable, heads: heads) },
            reference: {
                Reference.attention($0[0], $0[1], $0[2], batch: batch, n: n, m: m, heads: heads, d: d)
            },
            shapes: [[batch, n, heads * d], [batch, m, heads * d], [batch, m, heads * d]]
        ).run()
    }

    @Test("self-attention over fused queries, keys and values")
    func fusedAttention() {
        let (batch, n, heads, d) = (2, 6, 2, 8)
        let width = heads * d
        GradientCheck(
            operation: { attention(qkv: $0[0].variable, heads: heads) },
            reference: { a in
                let parts = (0..<3).map { part in
                    Reference.columns(a[0], width: 3 * width, (part * width)..<((part + 1) * width))
                }
                return Reference.attention(parts[0], parts[1], parts[2], batch: batch, n: n, m: n, heads: heads, d: d)
            },
            shapes: [[batch, n, 3 * width]]
        ).run()
    }

    @Test("normalisations")
    func normalizations() {
        GradientCheck(
            operation: { layerNorm($0[0].variable, weight: $0[1].variable, bias: $0[2].variable, epsilon: 1e-5) },
            reference: {
                Reference.normalize(
                    $0[0],
                    channels: 19,
                    group: { $0 / 19 },
                    weight: $0[1],
                    bias: $0[2],
                    epsilon: 1e-5
                )
            },
            shapes: [[4, 19], [19], [19]]
        ).run()
        for (activation, function) in [(Activation.none, { $0 }), (.silu, Reference.silu)]
            as [(Activation, (Double) -> Double)]
        {
            GradientCheck(
                operation: {
                    groupNorm(
                        $0[0].variable,
                        groups: 4,
                        weight: $0[1].variable,
                        bias: $0[2].variable,
                        epsilon: 1e-6,
                        activation: activation
                    )
                },
                reference: { a in
                    Reference.normalize(
                        a[0],
                        channels: 12,
                        group: { $0 / (15 * 12) * 4 + $0 % 12 / 3 },
                        weight: a[1],
                        bias: a[2],
                        epsilon: 1e-6
                    ).map(function)
                },
                shapes: [[2, 3, 5, 12], [12], [12]]
            ).run()
        }
        GradientCheck(
            operation: { normalizeRows($0[0].variable) },
            reference: { a in
                stride(from: 0, to: 21, by: 7).flatMap { start -> [Double] in
                    let row = a[0][start..<start + 7]
                    let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
                    return row.map { $0 / norm }
                }
            },
            shapes: [[3, 7]]
        ).run()
    }

    @Test("shaping")
    func shaping() {
        GradientCheck(
            operation: { transposed($0[0].variable) },
            reference: { Reference.transpose($0[0], 3, 4) },
            shapes: [[1, 3, 4]]
        ).run()
        GradientCheck(
            operation: { concatenate([$0[0].variable, $0[1].variable]) },
            reference: { Reference.besides($0[0], 2, $0[1], 4) },
            shapes: [[3, 2], [3, 4]]
        ).run()
        GradientCheck(
            operation: { split($0[0].variable, sizes: [2, 3])[1] },
            reference: { Reference.columns($0[0], width: 5, 2..<5) },
            shapes: [[4, 5]]
        ).run()
        GradientCheck(
            operation: { upsampleNearest2($0[0].variable) },
            reference: {
                Reference.rows(
                    $0[0],
                    width: 2,
                    [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 3, 3, 4, 4, 5, 5]
                )
            },
            shapes: [[1, 2, 3, 2]]
        ).run()
    }

    @Test("tokens")
    func tokens() {
        GradientCheck(
            operation: { gatherTokens($0[0].variable, [[2, 0, 2], [1, 1, 0]]) },
            reference: { Reference.rows($0[0], width: 2, [2, 0, 2, 4, 4, 3]) },
            shapes: [[2, 3, 2]]
        ).run()
        GradientCheck(
            operation: { repeatToken($0[0].variable, batch: 2, count: 3) },
            reference: { Reference.rows($0[0], width: 4, [0, 0, 0, 0, 0, 0]) },
            shapes: [[1, 1, 4]]
        ).run()
        GradientCheck(
            operation: { meanOverTokens($0[0].variable) },
            reference: { a in
                let x = a[0]
                return [0, 1, 6, 7].map { (first: Int) -> Double in (x[first] + x[first + 2] + x[first + 4]) / 3.0 }
            },
            shapes: [[2, 3, 2]]
        ).run()
        GradientCheck(
            operation: { concatenateTokens([$0[0].variable, $0[1].variable]) },
            reference: { Reference.besides($0[0], 4, $0[1], 6) },
            shapes: [[2, 2, 2], [2, 3, 2]]
        ).run()
        GradientCheck(
            operation: { stackItems([$0[0].variable, sliceItems($0[1].variable, 1..<2)]) },
            reference: { $0[0] + $0[1].dropFirst(3) },
            shapes: [[2, 3], [2, 3]]
        ).run()
    }

    @Test("losses")
    func losses() {
        GradientCheck(
            operation: { meanSquaredError($0[0].variable, $0[1].variable) },
            reference: { a in
                var total = 0.0
                for (x, y) in zip(a[0], a[1]) { total += (x - y) * (x - y) }
                return [total / 12]
            },
            shapes: [[3, 4], [3, 4]]
        ).run()
        let mask: [Float] = [1, 0, 1, 1]
        GradientCheck(
            operation: {
                maskedMeanSquaredError(
                    $0[0].variable,
                    Tensor(zeros: [2, 2, 3]),
                    mask: Tensor(mask, shape: [2, 2])
                )
            },
            reference: { a in
                var total = 0.0
                for (index, x) in a[0].enumerated() { total += Double(mask[index / 3]) * x * x }
                return [total / 9]
            },
            shapes: [[2, 2, 3]]
        ).run()
        GradientCheck(
            operation: { crossEntropy($0[0].variable, targets: [1, 3, 0]) },
            reference: { a in
                let p = Reference.softmaxRows(a[0], width: 4)
                return [-(log(p[1]) + log(p[7]) + log(p[8])) / 3]
            },
            shapes: [[3, 4]]
        ).run()
    }
}
