// The signatures of the operations, so that the layers above build while the kernels are written.
// The kernels' commit deletes this file.

public enum Activation: Sendable { case none, silu, gelu }
public func matrixMultiply(_ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false, scale: Float = 1) -> Tensor { preconditionFailure("pending") }
public func matrixMultiply(_ a: Tensor, _ b: Tensor, transposeA: Bool, transposeB: Bool, scale: Float, addingTo c: Tensor) { preconditionFailure("pending") }
public final class PackedMatrix: Sendable {
    public let outputs: Int
    public let inputs: Int
    public let data: Tensor
    public init(_ weight: Tensor) { preconditionFailure("pending") }
    public init(data: Tensor, outputs: Int, inputs: Int) { self.data = data; self.outputs = outputs; self.inputs = inputs }
}
public func linear(_ x: Tensor, _ w: PackedMatrix, bias: Tensor?, activation: Activation = .none, residual: Tensor? = nil) -> Tensor { preconditionFailure("pending") }
public struct Padding: Sendable, Hashable {
    public var top, left, bottom, right: Int
    public init(top: Int, left: Int, bottom: Int, right: Int) { self.top = top; self.left = left; self.bottom = bottom; self.right = right }
    public init(_ all: Int) { self.init(top: all, left: all, bottom: all, right: all) }
}
public struct ConvolutionGeometry: Sendable, Hashable {
    public var kernel: Int
    public var stride: Int
    public var padding: Padding
    public init(kernel: Int, stride: Int = 1, padding: Padding) { self.kernel = kernel; self.stride = stride; self.padding = padding }
    public func outputSize(height: Int, width: Int) -> (height: Int, width: Int) { preconditionFailure("pending") }
}
public final class PackedConvolution: Sendable {
    public enum Method: String, Sendable { case winograd4, winograd2, direct }
    public let data: Tensor
    public init(_ weight: Tensor, geometry: ConvolutionGeometry, method: Method) { preconditionFailure("pending") }
    public init(data: Tensor, outputs: Int, inputs: Int, geometry: ConvolutionGeometry, method: Method) { self.data = data }
    public static func method(for geometry: ConvolutionGeometry, inputs: Int, outputs: Int, height: Int, width: Int) -> Method { preconditionFailure("pending") }
}
public func convolution(_ x: Tensor, _ w: PackedConvolution, bias: Tensor?, rowBias: Tensor? = nil, residual: Tensor? = nil) -> Tensor { preconditionFailure("pending") }
public func convolutionInputGradient(_ dy: Tensor, weight: Tensor, geometry: ConvolutionGeometry, inputShape: [Int]) -> Tensor { preconditionFailure("pending") }
public func convolutionWeightGradient(_ dy: Tensor, _ x: Tensor, geometry: ConvolutionGeometry) -> Tensor { preconditionFailure("pending") }
public struct AttentionResult: Sendable { public let output: Tensor; public let logSumExp: Tensor }
public func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, heads: Int) -> AttentionResult { preconditionFailure("pending") }
public func attention(qkv: Tensor, heads: Int) -> AttentionResult { preconditionFailure("pending") }
public func attentionGradient(_ dOut: Tensor, q: Tensor, k: Tensor, v: Tensor, result: AttentionResult, heads: Int) -> (Tensor, Tensor, Tensor) { preconditionFailure("pending") }
public func attentionGradient(_ dOut: Tensor, qkv: Tensor, result: AttentionResult, heads: Int) -> Tensor { preconditionFailure("pending") }
public func groupNorm(_ x: Tensor, groups: Int, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation) -> (output: Tensor, mean: Tensor, inverseDeviation: Tensor) { preconditionFailure("pending") }
public func groupNormGradient(_ dy: Tensor, x: Tensor, mean: Tensor, inverseDeviation: Tensor, groups: Int, weight: Tensor, bias: Tensor, activation: Activation) -> (x: Tensor, weight: Tensor, bias: Tensor) { preconditionFailure("pending") }
public func layerNorm(_ x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float) -> (output: Tensor, mean: Tensor, inverseDeviation: Tensor) { preconditionFailure("pending") }
public func layerNormGradient(_ dy: Tensor, x: Tensor, mean: Tensor, inverseDeviation: Tensor, weight: Tensor) -> (x: Tensor, weight: Tensor, bias: Tensor) { preconditionFailure("pending") }
public func silu(_ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func siluGradient(_ dy: Tensor, _ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func gelu(_ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func geluGradient(_ dy: Tensor, _ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func geglu(_ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func gegluGradient(_ dy: Tensor, _ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func add(_ a: Tensor, _ b: Tensor) -> Tensor { preconditionFailure("pending") }
public func add(_ a: Tensor, _ b: Tensor, into result: Tensor) { preconditionFailure("pending") }
public func subtract(_ a: Tensor, _ b: Tensor) -> Tensor { preconditionFailure("pending") }
public func multiply(_ a: Tensor, _ b: Tensor) -> Tensor { preconditionFailure("pending") }
public func scale(_ a: Tensor, by factor: Float) -> Tensor { preconditionFailure("pending") }
public func add(_ a: Tensor, to sum: Tensor) { preconditionFailure("pending") }
public func columnSums(_ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func sum(_ x: Tensor) -> Double { preconditionFailure("pending") }
public func sumOfSquares(_ x: Tensor) -> Double { preconditionFailure("pending") }
public func upsampleNearest2(_ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func upsampleNearest2Gradient(_ dy: Tensor) -> Tensor { preconditionFailure("pending") }
public func concatenate(_ parts: [Tensor]) -> Tensor { preconditionFailure("pending") }
public func split(_ x: Tensor, sizes: [Int]) -> [Tensor] { preconditionFailure("pending") }
public func transposeLast2(_ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func nchwToNHWC(_ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func nhwcToNCHW(_ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func softmax(_ x: Tensor) -> Tensor { preconditionFailure("pending") }
public func softmaxGradient(_ dy: Tensor, _ y: Tensor) -> Tensor { preconditionFailure("pending") }
public func adamWStep(parameter: Tensor, gradient: Tensor, first: Tensor, second: Tensor, learningRate: Float, betas: (Float, Float), epsilon: Float, weightDecay: Float, biasCorrections: (Float, Float), gradientScale: Float) { preconditionFailure("pending") }
