import Foundation
import Neural
import Tensors

/// Two convolutions with the time embedding between them and a skip around them.
struct ResidualBlock {
    private let inputNorm: GroupNorm
    private let inputConvolution: Convolution2D
    private let embedding: Linear
    private let outputNorm: GroupNorm
    private let outputConvolution: Convolution2D
    private let skip: Linear?

    init(_ scope: ParameterScope, inputs: Int, outputs: Int, timeWidth: Int) {
        inputNorm = GroupNorm(scope["in_layers"][0], channels: inputs, epsilon: 1e-5)
        inputConvolution = Convolution2D(scope["in_layers"][2], inputs: inputs, outputs: outputs, geometry: .same3x3)
        embedding = Linear(scope["emb_layers"][1], inputs: timeWidth, outputs: outputs)
        outputNorm = GroupNorm(scope["out_layers"][0], channels: outputs, epsilon: 1e-5)
        outputConvolution = Convolution2D(scope["out_layers"][3], inputs: outputs, outputs: outputs, geometry: .same3x3)
        skip =
            inputs == outputs ? nil : Linear(scope["skip_connection"], inputs: inputs, outputs: outputs, kernelAxes: 2)
    }

    /// `x [B, H, W, inputs]`, `activatedTime [B, timeWidth]` behind its SiLU → `[B, H, W, outputs]`.
    func callAsFunction(_ x: Variable, activatedTime: Variable) -> Variable {
        let h = inputConvolution(inputNorm(x, activation: .silu), rowBias: embedding(activatedTime))
        return outputConvolution(outputNorm(h, activation: .silu), residual: skip.map { $0(x) } ?? x)
    }
}

/// Halves height and width.
struct Downsample {
    private let convolution: Convolution2D

    init(_ scope: ParameterScope, channels: Int) {
        let geometry = ConvolutionGeometry(kernel: 3, stride: 2, padding: Padding(1))
        convolution = Convolution2D(scope["op"], inputs: channels, outputs: channels, geometry: geometry)
    }

    func callAsFunction(_ x: Variable) -> Variable { convolution(x) }
}

/// Doubles height and width.
struct Upsample {
    private let convolution: Convolution2D

    init(_ scope: ParameterScope, channels: Int) {
        convolution = Convolution2D(scope["conv"], inputs: channels, outputs: channels, geometry: .same3x3)
    }

    func callAsFunction(_ x: Variable) -> Variable { convolution(upsampleNearest2(x)) }
}

extension ConvolutionGeometry {
    /// 3×3 with one pixel of zeros around: the size stays.
    static var same3x3: ConvolutionGeometry { ConvolutionGeometry(kernel: 3, padding: Padding(1)) }
}

/// The sinusoidal embedding of timesteps, `[B]` → `[B, width]`: cosines, then sines, of t·10000^(−k/(width/2)).
public func timestepEmbedding(_ timesteps: [Int], width: Int) -> Tensor {
    let half = width / 2
    let result = Tensor(zeros: [timesteps.count, width])
    for (row, timestep) in timesteps.enumerated() {
        for k in 0..<half {
            let frequency = Float(exp(-log(10000.0) * Double(k) / Double(half)))
            let angle = Double(Float(timestep) * frequency)
            result.pointer[row * width + k] = Float(cos(angle))
            result.pointer[row * width + half + k] = Float(sin(angle))
        }
    }
    return result
}
