import Foundation
import Neural
import Tensors

/// Operations written directly from their definitions, in float64: the truth that the fast ones are checked against.
enum Float64Operations {
    /// `[n, k]·[k, m]`.
    static func matrixMultiply(_ a: [Double], _ b: [Double], _ n: Int, _ k: Int, _ m: Int) -> [Double] {
        var result = [Double](repeating: 0, count: n * m)
        for i in 0..<n { for l in 0..<k { for j in 0..<m { result[i * m + j] += a[i * k + l] * b[l * m + j] } } }
        return result
    }

    static func transpose(_ a: [Double], _ rows: Int, _ columns: Int) -> [Double] {
        (0..<columns).flatMap { column in (0..<rows).map { a[$0 * columns + column] } }
    }

    /// Columns `range` of a matrix.
    static func columns(_ a: [Double], width: Int, _ range: Range<Int>) -> [Double] {
        var result: [Double] = []
        for start in stride(from: 0, to: a.count, by: width) {
            result += a[(start + range.lowerBound)..<(start + range.upperBound)]
        }
        return result
    }

    /// Two matrices side by side.
    static func besides(_ a: [Double], _ widthA: Int, _ b: [Double], _ widthB: Int) -> [Double] {
        var result: [Double] = []
        for row in 0..<a.count / widthA {
            result += a[(row * widthA)..<((row + 1) * widthA)]
            result += b[(row * widthB)..<((row + 1) * widthB)]
        }
        return result
    }

    /// Rows of a matrix, chosen by number.
    static func rows(_ a: [Double], width: Int, _ indices: [Int]) -> [Double] {
        var result: [Double] = []
        for index in indices { result += a[(index * width)..<((index + 1) * width)] }
        return result
    }

    static func silu(_ x: Double) -> Double { x / (1 + exp(-x)) }
    static func gelu(_ x: Double) -> Double { x / 2 * (1 + erf(x / 2.0.squareRoot())) }

    static func softmaxRows(_ x: [Double], width: Int) -> [Double] {
        stride(from: 0, to: x.count, by: width).flatMap { start -> [Double] in
            let row = x[start..<start + width]
            let largest = row.max() ?? 0
            let exponentials = row.map { exp($0 - largest) }
            let total = exponentials.reduce(0, +)
            return exponentials.map { $0 / total }
        }
    }

    /// `x [B, H, W, in]`, `weight [out, in, k, k]` → `[B, H', W', out]`.
    static func convolution(
        _ x: [Double],
        _ shape: [Int],
        _ weight: [Double],
        outputs: Int,
        _ geometry: ConvolutionGeometry
    ) -> [Double] {
        let (batch, height, width, inputs) = (shape[0], shape[1], shape[2], shape[3])
        let kernel = geometry.kernel
        let padding = geometry.padding
        let outHeight = (height + padding.top + padding.bottom - kernel) / geometry.stride + 1
        let outWidth = (width + padding.left + padding.right - kernel) / geometry.stride + 1
        var result = [Double](repeating: 0, count: batch * outHeight * outWidth * outputs)
        for b in 0..<batch {
            for oy in 0..<outHeight {
                for ox in 0..<outWidth {
                    for ky in 0..<kernel {
                        for kx in 0..<kernel {
                            let y = oy * geometry.stride + ky - padding.top
                            let xx = ox * geometry.stride + kx - padding.left
                            guard y >= 0, y < height, xx >= 0, xx < width else { continue }
                            let source = ((b * height + y) * width + xx) * inputs
                            let target = ((b * outHeight + oy) * outWidth + ox) * outputs
                            for o in 0..<outputs {
                                var total = 0.0
                                for i in 0..<inputs {
                                    total += x[source + i] * weight[((o * inputs + i) * kernel + ky) * kernel + kx]
                                }
                                result[target + o] += total
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    /// `q [B, N, h·d]`, `k, v [B, M, h·d]` → `[B, N, h·d]`.
    static func attention(
        _ q: [Double],
        _ k: [Double],
        _ v: [Double],
        batch: Int,
        n: Int,
        m: Int,
        heads: Int,
        d: Int
    ) -> [Double] {
        let width = heads * d
        var result = [Double](repeating: 0, count: batch * n * width)
        for b in 0..<batch {
            for head in 0..<heads {
                for i in 0..<n {
                    let scores = (0..<m).map { j in
                        (0..<d).reduce(0.0) {
                            $0 + q[(b * n + i) * width + head * d + $1] * k[(b * m + j) * width + head * d + $1]
                        } / Double(d).squareRoot()
                    }
                    let probabilities = softmaxRows(scores, width: m)
                    for j in 0..<m {
                        for c in 0..<d {
                            result[(b * n + i) * width + head * d + c] +=
                                probabilities[j] * v[(b * m + j) * width + head * d + c]
                        }
                    }
                }
            }
        }
        return result
    }

    /// Normalises over the elements that share a group number, then scales by channel.
    static func normalize(
        _ x: [Double],
        channels: Int,
        group: (Int) -> Int,
        weight: [Double],
        bias: [Double],
        epsilon: Double
    ) -> [Double] {
        var members: [Int: [Int]] = [:]
        for index in x.indices { members[group(index), default: []].append(index) }
        var result = x
        for indices in members.values {
            let mean = indices.reduce(0) { $0 + x[$1] } / Double(indices.count)
            let variance = indices.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / Double(indices.count)
            for index in indices {
                let channel = index % channels
                result[index] = (x[index] - mean) / (variance + epsilon).squareRoot() * weight[channel] + bias[channel]
            }
        }
        return result
    }
}
