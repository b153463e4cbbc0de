import Testing

@testable import Tensors

/// A convolution to test.
struct ConvolutionCase: Sendable, CustomStringConvertible {
    var batch = 1
    var height, width, inputs, outputs: Int
    var geometry: ConvolutionGeometry

    var description: String { "\(batch)×\(height)×\(width)×\(inputs) to \(outputs), \(geometry)" }

    static let same = ConvolutionGeometry(kernel: 3, padding: Padding(1))
    static let all = [
        ConvolutionCase(height: 1, width: 1, inputs: 1, outputs: 1, geometry: same),
        ConvolutionCase(batch: 2, height: 5, width: 7, inputs: 3, outputs: 4, geometry: same),
        ConvolutionCase(height: 8, width: 8, inputs: 16, outputs: 33, geometry: same),
        ConvolutionCase(batch: 3, height: 9, width: 6, inputs: 40, outputs: 17, geometry: same),
        ConvolutionCase(height: 33, width: 35, inputs: 20, outputs: 32, geometry: same),
        ConvolutionCase(
            batch: 2,
            height: 6,
            width: 5,
            inputs: 8,
            outputs: 5,
            geometry: .init(kernel: 1, padding: .init(0))
        ),
        ConvolutionCase(
            batch: 2,
            height: 8,
            width: 9,
            inputs: 6,
            outputs: 7,
            geometry: .init(kernel: 3, stride: 2, padding: .init(1))
        ),
        ConvolutionCase(
            height: 8,
            width: 8,
            inputs: 5,
            outputs: 9,
            geometry: .init(kernel: 3, stride: 2, padding: .init(top: 0, left: 0, bottom: 1, right: 1))
        ),
        ConvolutionCase(
            batch: 2,
            height: 8,
            width: 12,
            inputs: 3,
            outputs: 10,
            geometry: .init(kernel: 4, stride: 4, padding: .init(0))
        ),
        ConvolutionCase(height: 7, width: 7, inputs: 4, outputs: 6, geometry: .init(kernel: 3, padding: .init(0))),
        ConvolutionCase(height: 4, width: 4, inputs: 4, outputs: 6, geometry: .init(kernel: 1, padding: .init(1))),
        ConvolutionCase(height: 6, width: 6, inputs: 450, outputs: 8, geometry: same),
    ]

    /// Calls `body(output, input, weight)` with the flat indices of every multiplication.
    func forEachTerm(_ body: (Int, Int, Int) -> Void) {
        let k = geometry.kernel
        let size = geometry.outputSize(height: height, width: width)
        for item in 0..<batch {
            for oy in 0..<size.height {
                for ox in 0..<size.width {
                    for tap in 0..<k * k {
                        let y = oy * geometry.stride + tap / k - geometry.padding.top
                        let x = ox * geometry.stride + tap % k - geometry.padding.left
                        guard y >= 0, y < height, x >= 0, x < width else { continue }
                        let output = ((item * size.height + oy) * size.width + ox) * outputs
                        let input = ((item * height + y) * width + x) * inputs
                        for o in 0..<outputs {
                            for i in 0..<inputs { body(output + o, input + i, (o * inputs + i) * k * k + tap) }
                        }
                    }
                }
            }
        }
    }

    var image: Tensor { sample([batch, height, width, inputs], seed: 1) }
    var weight: Tensor { sample([outputs, inputs, geometry.kernel, geometry.kernel], seed: 2) }
    var outputShape: [Int] {
        let size = geometry.outputSize(height: height, width: width)
        return [batch, size.height, size.width, outputs]
    }

    var methods: [PackedConvolution.Method] {
        geometry.kernel == 3 && geometry.stride == 1 ? PackedConvolution.Method.allCases : [.direct]
    }
}

@Suite("Convolution")
struct ConvolutionTests {
    @Test("every method agrees with the sum over windows", arguments: instructionSets)
    func forward(set: InstructionSet) {
        with(set) {
            for item in ConvolutionCase.all {
                let (x, w) = (item.image.doubles, item.weight.doubles)
                var sums = [Double](repeating: 0, count: item.outputShape.reduce(1, *))
                item.forEachTerm { sums[$0] += x[$1] * w[$2] }
                let bias = sample([item.outputs], seed: 3)
                let rowBias = sample([item.batch, item.outputs], seed: 4)
                let residual = sample(item.outputShape, seed: 5)
                let perItem = sums.count / item.batch
                var complete = residual.doubles
                let (biases, rowBiases) = (bias.doubles, rowBias.doubles)
                for index in sums.indices {
                    let channel = index % item.outputs
                    complete[index] += sums[index] + biases[channel]
                    complete[index] += rowBiases[index / perItem * item.outputs + channel]
                }
                for method in item.methods {
                    let tolerance = method == .winograd4 ? 2e-5 : 4e-6
                    let packed = PackedConvolution(item.weight, geometry: item.geometry, method: method)
                    let y = convolution(item.image, packed, bias: nil)
                    #expect(y.shape == item.outputShape && error(y, sums) < tolerance, "\(item) \(method)")
                    let full = convolution(item.image, packed, bias: bias, rowBias: rowBias, residual: residual)
                    #expect(error(full, complete) < tolerance, "\(item) \(method) with terms")
                }
            }
        }
    }

    @Test("gradients agree with the sums over windows", arguments: instructionSets)
    func gradients(set: InstructionSet) {
        with(set) {
            for item in ConvolutionCase.all {
                let (x, w) = (item.image.doubles, item.weight.doubles)
                let gradient = sample(item.outputShape, seed: 6)
                let d = gradient.doubles
                var dx = [Double](repeating: 0, count: x.count)
                var dw = [Double](repeating: 0, count: w.count)
                item.forEachTerm { output, input, weight in
                    dx[input] += d[output] * w[weight]
                    dw[weight] += d[output] * x[input]
                }
                let inputGradient = convolutionInputGradient(
                    gradient,
                    weight: item.weight,
                    geometry: item.geometry,
                    inputShape: item.image.shape
                )
                #expect(inputGradient.shape == item.image.shape && error(inputGradient, dx) < 2e-5, "\(item)")
                let weightGradient = convolutionWeightGradient(gradient, item.image, geometry: item.geometry)
                #expect(weightGradient.shape == item.weight.shape && error(weightGradient, dw) < 2e-5, "\(item)")
            }
        }
    }

    @Test("results do not depend on the number of threads", arguments: PackedConvolution.Method.allCases)
    func threads(method: PackedConvolution.Method) {
        let item = ConvolutionCase(height: 37, width: 34, inputs: 48, outputs: 40, geometry: ConvolutionCase.same)
        let results = [1, 2, 3].map { threads in
            with(.best, threads: threads) {
                convolution(
                    item.image,
                    PackedConvolution(item.weight, geometry: item.geometry, method: method),
                    bias: nil
                ).elements
            }
        }
        #expect(results[0] == results[1] && results[1] == results[2])
    }
}
