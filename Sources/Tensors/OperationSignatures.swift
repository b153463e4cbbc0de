// The operations in their plainest form, so that the layers above can be checked while the kernels are written.
// The kernels' commit deletes this file.

import COpenBLAS
import Foundation

public enum Activation: Sendable { case none, silu, gelu }
public func matrixMultiply(_ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false, scale: Float = 1) -> Tensor {
    let batched = a.rank == 3
    let m = transposeA ? a.shape[a.rank - 1] : a.shape[a.rank - 2], n = transposeB ? b.shape[b.rank - 2] : b.shape[b.rank - 1]
    let c = Tensor(zeros: batched ? [a.shape[0], m, n] : [m, n])
    matrixMultiply(a, b, transposeA: transposeA, transposeB: transposeB, scale: scale, addingTo: c)
    return c
}
public func matrixMultiply(_ a: Tensor, _ b: Tensor, transposeA: Bool, transposeB: Bool, scale: Float, addingTo c: Tensor) {
    let r = a.rank, batch = r == 3 ? a.shape[0] : 1
    let m = transposeA ? a.shape[r - 1] : a.shape[r - 2], k = transposeA ? a.shape[r - 2] : a.shape[r - 1], n = transposeB ? b.shape[r - 2] : b.shape[r - 1]
    precondition((transposeB ? b.shape[r - 1] : b.shape[r - 2]) == k, "\(a.shape) \(b.shape)")
    for i in 0..<batch {
        cblas_sgemm(CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), scale, a.pointer + i * m * k, Int32(transposeA ? m : k), b.pointer + i * k * n, Int32(transposeB ? k : n), 1, c.pointer + i * m * n, Int32(n))
    }
}
public final class PackedMatrix: Sendable {
    public let outputs: Int
    public let inputs: Int
    public let data: Tensor
    public init(_ weight: Tensor) { outputs = weight.shape[0]; inputs = weight.shape[1]; data = weight.copy() }
    public init(data: Tensor, outputs: Int, inputs: Int) { self.data = data; self.outputs = outputs; self.inputs = inputs }
}
public func linear(_ x: Tensor, _ w: PackedMatrix, bias: Tensor?, activation: Activation = .none, residual: Tensor? = nil) -> Tensor {
    let k = w.inputs, n = w.outputs, rows = x.count / k
    let y = matrixMultiply(x.reshaped([rows, k]), w.data.reshaped([n, k]), transposeB: true)
    for i in 0..<y.count {
        var v = y.pointer[i] + (bias?.pointer[i % n] ?? 0)
        switch activation { case .none: break; case .silu: v = v / (1 + exp(-v)); case .gelu: v = v / 2 * (1 + erf(v / Float(2).squareRoot())) }
        y.pointer[i] = v + (residual?.pointer[i] ?? 0)
    }
    return y.reshaped(x.shape.dropLast() + [n])
}
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
    public func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
        ((height + padding.top + padding.bottom - kernel) / stride + 1, (width + padding.left + padding.right - kernel) / stride + 1)
}
}
public final class PackedConvolution: Sendable {
    public enum Method: String, Sendable { case winograd4, winograd2, direct }
    public let data: Tensor
    let geometry: ConvolutionGeometry
    let outputs: Int
    public init(_ weight: Tensor, geometry: ConvolutionGeometry, method: Method) { data = weight.copy(); self.geometry = geometry; outputs = weight.shape[0] }
    public init(data: Tensor, outputs: Int, inputs: Int, geometry: ConvolutionGeometry, method: Method) { self.data = data; self.geometry = geometry; self.outputs = outputs }
    public static func method(for geometry: ConvolutionGeometry, inputs: Int, outputs: Int, height: Int, width: Int) -> Method {
        .direct
}
}
public func convolution(_ x: Tensor, _ w: PackedConvolution, bias: Tensor?, rowBias: Tensor? = nil, residual: Tensor? = nil) -> Tensor {
    let g = w.geometry, size = g.outputSize(height: x.shape[1], width: x.shape[2]), p = size.height * size.width
    let y = Tensor(uninitialized: [x.shape[0], size.height, size.width, w.outputs])
    let columns = imageToColumns(x, g)
    let product = matrixMultiply(columns, w.data.reshaped([w.outputs, columns.shape[1]]), transposeB: true)
    for i in 0..<y.count {
        let c = i % w.outputs, b = i / (p * w.outputs)
        y.pointer[i] = product.pointer[i] + (bias?.pointer[c] ?? 0) + (rowBias?.pointer[b * w.outputs + c] ?? 0) + (residual?.pointer[i] ?? 0)
    }
    return y
}
public func convolutionInputGradient(_ dy: Tensor, weight: Tensor, geometry: ConvolutionGeometry, inputShape: [Int]) -> Tensor {
    let taps = geometry.kernel * geometry.kernel, inputs = inputShape[3], outputs = weight.shape[0]
    let columns = matrixMultiply(dy.reshaped([dy.count / outputs, outputs]), weight.reshaped([outputs, inputs * taps]))
    let dx = Tensor(zeros: inputShape)
    forEachTap(inputShape, geometry) { row, tap, source in for c in 0..<inputs { dx.pointer[source + c] += columns.pointer[(row * inputs + c) * taps + tap] } }
    return dx
}
public func convolutionWeightGradient(_ dy: Tensor, _ x: Tensor, geometry: ConvolutionGeometry) -> Tensor {
    let outputs = dy.shape[3]
    return matrixMultiply(dy.reshaped([dy.count / outputs, outputs]), imageToColumns(x, geometry), transposeA: true).reshaped([outputs, x.shape[3], geometry.kernel, geometry.kernel])
}
public struct AttentionResult: Sendable { public let output: Tensor; public let logSumExp: Tensor }
public func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, heads: Int) -> AttentionResult {
    let b = q.shape[0], n = q.shape[1], m = k.shape[1], w = q.shape[2], d = w / heads
    let out = Tensor(zeros: q.shape), lse = Tensor(zeros: [b, heads, n])
    for item in 0..<b { for h in 0..<heads { for i in 0..<n {
        var scores = [Float](repeating: 0, count: m)
        for j in 0..<m { for c in 0..<d { scores[j] += q.pointer[(item * n + i) * w + h * d + c] * k.pointer[(item * m + j) * w + h * d + c] }; scores[j] /= Float(d).squareRoot() }
        let top = scores.max() ?? 0, total = scores.reduce(0) { $0 + exp($1 - top) }
        lse.pointer[(item * heads + h) * n + i] = top + log(total)
        for j in 0..<m { let p = exp(scores[j] - top) / total; for c in 0..<d { out.pointer[(item * n + i) * w + h * d + c] += p * v.pointer[(item * m + j) * w + h * d + c] } }
    } } }
    return AttentionResult(output: out, logSumExp: lse)
}
public func attention(qkv: Tensor, heads: Int) -> AttentionResult {
    let parts = split(qkv, sizes: Array(repeating: qkv.shape[2] / 3, count: 3))
    return attention(parts[0], parts[1], parts[2], heads: heads)
}
public func attentionGradient(_ dOut: Tensor, q: Tensor, k: Tensor, v: Tensor, result: AttentionResult, heads: Int) -> (Tensor, Tensor, Tensor) {
    let b = q.shape[0], n = q.shape[1], m = k.shape[1], w = q.shape[2], d = w / heads, scale = 1 / Float(d).squareRoot()
    let dq = Tensor(zeros: q.shape), dk = Tensor(zeros: k.shape), dv = Tensor(zeros: v.shape)
    for item in 0..<b { for h in 0..<heads { for i in 0..<n {
        let qi = (item * n + i) * w + h * d
        var delta: Float = 0
        for c in 0..<d { delta += dOut.pointer[qi + c] * result.output.pointer[qi + c] }
        for j in 0..<m {
            let kj = (item * m + j) * w + h * d
            var score: Float = 0, dp: Float = 0
            for c in 0..<d { score += q.pointer[qi + c] * k.pointer[kj + c]; dp += dOut.pointer[qi + c] * v.pointer[kj + c] }
            let p = exp(score * scale - result.logSumExp.pointer[(item * heads + h) * n + i]), ds = p * (dp - delta) * scale
            for c in 0..<d { dv.pointer[kj + c] += p * dOut.pointer[qi + c]; dq.pointer[qi + c] += ds * k.pointer[kj + c]; dk.pointer[kj + c] += ds * q.pointer[qi + c] }
        }
    } } }
    return (dq, dk, dv)
}
public func attentionGradient(_ dOut: Tensor, qkv: Tensor, result: AttentionResult, heads: Int) -> Tensor {
    let parts = split(qkv, sizes: Array(repeating: qkv.shape[2] / 3, count: 3))
    let g = attentionGradient(dOut, q: parts[0], k: parts[1], v: parts[2], result: result, heads: heads)
    return concatenate([g.0, g.1, g.2])
}
public func groupNorm(_ x: Tensor, groups: Int, weight: Tensor, bias: Tensor, epsilon: Float, activation: Activation) -> (output: Tensor, mean: Tensor, inverseDeviation: Tensor) {
    let b = x.shape[0], c = x.shape[x.rank - 1], per = c / groups, p = x.count / (b * c)
    let y = Tensor(uninitialized: x.shape), mean = Tensor(zeros: [b, groups]), inv = Tensor(zeros: [b, groups])
    for item in 0..<b { for g in 0..<groups {
        var s = 0.0, q = 0.0
        for i in 0..<p { for j in 0..<per { s += Double(x.pointer[(item * p + i) * c + g * per + j]) } }
        let mu = s / Double(p * per)
        for i in 0..<p { for j in 0..<per { let t = Double(x.pointer[(item * p + i) * c + g * per + j]) - mu; q += t * t } }
        let r = 1 / (q / Double(p * per) + Double(epsilon)).squareRoot()
        mean.pointer[item * groups + g] = Float(mu); inv.pointer[item * groups + g] = Float(r)
        for i in 0..<p { for j in 0..<per {
            let k = (item * p + i) * c + g * per + j
            let v = (x.pointer[k] - Float(mu)) * Float(r) * weight.pointer[g * per + j] + bias.pointer[g * per + j]
            y.pointer[k] = activation == .silu ? v / (1 + exp(-v)) : v
        } }
    } }
    return (y, mean, inv)
}
public func groupNormGradient(_ dy: Tensor, x: Tensor, mean: Tensor, inverseDeviation: Tensor, groups: Int, weight: Tensor, bias: Tensor, activation: Activation) -> (x: Tensor, weight: Tensor, bias: Tensor) {
    let b = x.shape[0], c = x.shape[x.rank - 1], per = c / groups, p = x.count / (b * c)
    let dx = Tensor(uninitialized: x.shape), dw = Tensor(zeros: [c]), db = Tensor(zeros: [c])
    for item in 0..<b { for g in 0..<groups {
        let mu = mean.pointer[item * groups + g], r = inverseDeviation.pointer[item * groups + g]
        var s1 = 0.0, s2 = 0.0
        var pre = [Float](repeating: 0, count: p * per)
        for i in 0..<p { for j in 0..<per {
            let k = (item * p + i) * c + g * per + j, ch = g * per + j, xh = (x.pointer[k] - mu) * r
            var d = dy.pointer[k]
            if activation == .silu { let v = xh * weight.pointer[ch] + bias.pointer[ch], sg = 1 / (1 + exp(-v)); d *= sg * (1 + v * (1 - sg)) }
            dw.pointer[ch] += d * xh; db.pointer[ch] += d
            let dxh = d * weight.pointer[ch]
            pre[i * per + j] = dxh; s1 += Double(dxh); s2 += Double(dxh * xh)
        } }
        let m1 = Float(s1 / Double(p * per)), m2 = Float(s2 / Double(p * per))
        for i in 0..<p { for j in 0..<per { let k = (item * p + i) * c + g * per + j; dx.pointer[k] = r * (pre[i * per + j] - m1 - (x.pointer[k] - mu) * r * m2) } }
    } }
    return (dx, dw, db)
}
public func layerNorm(_ x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float) -> (output: Tensor, mean: Tensor, inverseDeviation: Tensor) {
    let c = x.shape[x.rank - 1], rows = x.count / c
    let r = groupNorm(x.reshaped([rows, 1, c]), groups: 1, weight: weight, bias: bias, epsilon: epsilon, activation: .none)
    return (r.output.reshaped(x.shape), r.mean.reshaped([rows]), r.inverseDeviation.reshaped([rows]))
}
public func layerNormGradient(_ dy: Tensor, x: Tensor, mean: Tensor, inverseDeviation: Tensor, weight: Tensor) -> (x: Tensor, weight: Tensor, bias: Tensor) {
    let c = x.shape[x.rank - 1], rows = x.count / c
    let r = groupNormGradient(dy.reshaped([rows, 1, c]), x: x.reshaped([rows, 1, c]), mean: mean.reshaped([rows, 1]), inverseDeviation: inverseDeviation.reshaped([rows, 1]), groups: 1, weight: weight, bias: weight, activation: .none)
    return (r.x.reshaped(x.shape), r.weight, r.bias)
}
public func silu(_ x: Tensor) -> Tensor {
    map(x) { $0 / (1 + exp(-$0)) }
}
public func siluGradient(_ dy: Tensor, _ x: Tensor) -> Tensor {
    map(dy, x) { d, v in let s = 1 / (1 + exp(-v)); return d * s * (1 + v * (1 - s)) }
}
public func gelu(_ x: Tensor) -> Tensor {
    map(x) { $0 / 2 * (1 + erf($0 / Float(2).squareRoot())) }
}
public func geluGradient(_ dy: Tensor, _ x: Tensor) -> Tensor {
    map(dy, x) { $0 * geluSlope($1) }
}
public func geglu(_ x: Tensor) -> Tensor {
    let h = x.shape[x.rank - 1] / 2, parts = split(x, sizes: [h, h])
    return multiply(parts[0], gelu(parts[1]))
}
public func gegluGradient(_ dy: Tensor, _ x: Tensor) -> Tensor {
    let h = x.shape[x.rank - 1] / 2, parts = split(x, sizes: [h, h])
    return concatenate([multiply(dy, gelu(parts[1])), geluGradient(multiply(dy, parts[0]), parts[1])])
}
public func add(_ a: Tensor, _ b: Tensor) -> Tensor {
    map(a, b, +)
}
public func add(_ a: Tensor, _ b: Tensor, into result: Tensor) {
    for i in 0..<a.count { result.pointer[i] = a.pointer[i] + b.pointer[i] }
}
public func subtract(_ a: Tensor, _ b: Tensor) -> Tensor {
    map(a, b, -)
}
public func multiply(_ a: Tensor, _ b: Tensor) -> Tensor {
    map(a, b, *)
}
public func scale(_ a: Tensor, by factor: Float) -> Tensor {
    map(a) { $0 * factor }
}
public func add(_ a: Tensor, to sum: Tensor) {
    for i in 0..<a.count { sum.pointer[i] += a.pointer[i] }
}
public func columnSums(_ x: Tensor) -> Tensor {
    let c = x.shape[x.rank - 1], y = Tensor(zeros: [c])
    for i in 0..<x.count { y.pointer[i % c] += x.pointer[i] }
    return y
}
public func sum(_ x: Tensor) -> Double {
    (0..<x.count).reduce(0.0) { $0 + Double(x.pointer[$1]) }
}
public func sumOfSquares(_ x: Tensor) -> Double {
    (0..<x.count).reduce(0.0) { $0 + Double(x.pointer[$1]) * Double(x.pointer[$1]) }
}
public func upsampleNearest2(_ x: Tensor) -> Tensor {
    let (b, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]), y = Tensor(uninitialized: [b, 2 * h, 2 * w, c])
    for i in 0..<b { for r in 0..<2 * h { for q in 0..<2 * w { (y.pointer + ((i * 2 * h + r) * 2 * w + q) * c).update(from: x.pointer + ((i * h + r / 2) * w + q / 2) * c, count: c) } } }
    return y
}
public func upsampleNearest2Gradient(_ dy: Tensor) -> Tensor {
    let (b, h, w, c) = (dy.shape[0], dy.shape[1] / 2, dy.shape[2] / 2, dy.shape[3]), x = Tensor(zeros: [b, h, w, c])
    for i in 0..<b { for r in 0..<2 * h { for q in 0..<2 * w { for k in 0..<c { x.pointer[((i * h + r / 2) * w + q / 2) * c + k] += dy.pointer[((i * 2 * h + r) * 2 * w + q) * c + k] } } } }
    return x
}
public func concatenate(_ parts: [Tensor]) -> Tensor {
    let widths = parts.map { $0.shape[$0.rank - 1] }, total = widths.reduce(0, +), rows = parts[0].count / widths[0]
    let y = Tensor(uninitialized: parts[0].shape.dropLast() + [total])
    var start = 0
    for (part, w) in zip(parts, widths) { for r in 0..<rows { (y.pointer + r * total + start).update(from: part.pointer + r * w, count: w) }; start += w }
    return y
}
public func split(_ x: Tensor, sizes: [Int]) -> [Tensor] {
    let total = x.shape[x.rank - 1], rows = x.count / total
    var start = 0
    return sizes.map { w in
        let y = Tensor(uninitialized: x.shape.dropLast() + [w])
        for r in 0..<rows { (y.pointer + r * w).update(from: x.pointer + r * total + start, count: w) }
        start += w
        return y
    }
}
public func transposeLast2(_ x: Tensor) -> Tensor {
    let b = x.shape[0], n = x.shape[1], m = x.shape[2], y = Tensor(uninitialized: [b, m, n])
    for i in 0..<b { for r in 0..<n { for c in 0..<m { y.pointer[(i * m + c) * n + r] = x.pointer[(i * n + r) * m + c] } } }
    return y
}
public func nchwToNHWC(_ x: Tensor) -> Tensor {
    transposeLast2(x.reshaped([x.shape[0], x.shape[1], x.shape[2] * x.shape[3]])).reshaped([x.shape[0], x.shape[2], x.shape[3], x.shape[1]])
}
public func nhwcToNCHW(_ x: Tensor) -> Tensor {
    transposeLast2(x.reshaped([x.shape[0], x.shape[1] * x.shape[2], x.shape[3]])).reshaped([x.shape[0], x.shape[3], x.shape[1], x.shape[2]])
}
public func softmax(_ x: Tensor) -> Tensor {
    let c = x.shape[x.rank - 1], y = Tensor(uninitialized: x.shape)
    for r in 0..<x.count / c {
        let top = (0..<c).reduce(-Float.infinity) { max($0, x.pointer[r * c + $1]) }
        let total = (0..<c).reduce(Float(0)) { $0 + exp(x.pointer[r * c + $1] - top) }
        for i in 0..<c { y.pointer[r * c + i] = exp(x.pointer[r * c + i] - top) / total }
    }
    return y
}
public func softmaxGradient(_ dy: Tensor, _ y: Tensor) -> Tensor {
    let c = y.shape[y.rank - 1], x = Tensor(uninitialized: y.shape)
    for r in 0..<y.count / c {
        let dot = (0..<c).reduce(Float(0)) { $0 + dy.pointer[r * c + $1] * y.pointer[r * c + $1] }
        for i in 0..<c { x.pointer[r * c + i] = y.pointer[r * c + i] * (dy.pointer[r * c + i] - dot) }
    }
    return x
}
public func adamWStep(parameter: Tensor, gradient: Tensor, first: Tensor, second: Tensor, learningRate: Float, betas: (Float, Float), epsilon: Float, weightDecay: Float, biasCorrections: (Float, Float), gradientScale: Float) {
    for i in 0..<parameter.count {
        let g = gradient.pointer[i] * gradientScale
        parameter.pointer[i] *= 1 - learningRate * weightDecay
        first.pointer[i] = betas.0 * first.pointer[i] + (1 - betas.0) * g
        second.pointer[i] = betas.1 * second.pointer[i] + (1 - betas.1) * g * g
        parameter.pointer[i] -= learningRate * (first.pointer[i] / biasCorrections.0) / ((second.pointer[i] / biasCorrections.1).squareRoot() + epsilon)
    }
}

private func forEachTap(_ shape: [Int], _ g: ConvolutionGeometry, _ body: (_ row: Int, _ tap: Int, _ source: Int) -> Void) {
    let size = g.outputSize(height: shape[1], width: shape[2])
    for b in 0..<shape[0] { for oy in 0..<size.height { for ox in 0..<size.width { for ky in 0..<g.kernel { for kx in 0..<g.kernel {
        let y = oy * g.stride + ky - g.padding.top, x = ox * g.stride + kx - g.padding.left
        if y >= 0, y < shape[1], x >= 0, x < shape[2] { body((b * size.height + oy) * size.width + ox, ky * g.kernel + kx, ((b * shape[1] + y) * shape[2] + x) * shape[3]) }
    } } } } }
}
private func imageToColumns(_ x: Tensor, _ g: ConvolutionGeometry) -> Tensor {
    let size = g.outputSize(height: x.shape[1], width: x.shape[2]), taps = g.kernel * g.kernel, inputs = x.shape[3]
    let columns = Tensor(zeros: [x.shape[0] * size.height * size.width, inputs * taps])
    forEachTap(x.shape, g) { row, tap, source in for c in 0..<inputs { columns.pointer[(row * inputs + c) * taps + tap] = x.pointer[source + c] } }
    return columns
}

private func map(_ x: Tensor, _ f: (Float) -> Float) -> Tensor { let y = Tensor(uninitialized: x.shape); for i in 0..<x.count { y.pointer[i] = f(x.pointer[i]) }; return y }
private func map(_ x: Tensor, _ z: Tensor, _ f: (Float, Float) -> Float) -> Tensor {
    precondition(x.count == z.count, "\(x.shape) \(z.shape)")
    let y = Tensor(uninitialized: x.shape); for i in 0..<x.count { y.pointer[i] = f(x.pointer[i], z.pointer[i]) }; return y
}
private func geluSlope(_ v: Float) -> Float { 0.5 * (1 + erf(v / Float(2).squareRoot())) + v * exp(-v * v / 2) / (2 * Float.pi).squareRoot() }
