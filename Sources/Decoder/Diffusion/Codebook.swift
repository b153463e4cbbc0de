import Neural
import Tensors

/// The codes of a vector-quantising autoencoder.
public struct Codebook {
    /// `[codes, channels]`.
    public let embedding: Parameter

    init(_ scope: ParameterScope, codes: Int, channels: Int) {
        embedding = scope["embedding"].parameter("weight", [codes, channels], .uniform(bound: 1 / Float(codes)))
    }

    /// The number of the code nearest to each row of `z [..., channels]`, the first one among equals.
    public func indices(_ z: Tensor) -> [Int] {
        let channels = embedding.shape[1]
        let codes = embedding.shape[0]
        let rows = z.count / channels
        let table = embedding.value
        // The code's part of |z − e|² that depends on the code: |e|² − 2 z·e, with the codes transposed so that one
        // pass over the channels serves many codes at once.
        let transposedTable = transposeLast2(table.reshaped([1, codes, channels]))
        var squares = [Float](repeating: 0, count: codes)
        for code in 0..<codes {
            for channel in 0..<channels {
                let value = table.pointer[code * channels + channel]
                squares[code] += value * value
            }
        }
        var result = [Int](repeating: 0, count: rows)
        let rowsPerJob = 64
        result.withUnsafeMutableBufferPointer { result in
            squares.withUnsafeBufferPointer { squares in
                nonisolated(unsafe) let output = result
                Engine.current.pool.run(count: (rows + rowsPerJob - 1) / rowsPerJob) { job in
                    let distances = UnsafeMutablePointer<Float>.allocate(capacity: codes)
                    defer { distances.deallocate() }
                    for row in job * rowsPerJob..<min(rows, (job + 1) * rowsPerJob) {
                        distances.update(from: squares.baseAddress ?? UnsafePointer(distances), count: codes)
                        for channel in 0..<channels {
                            let factor = -2 * z.pointer[row * channels + channel]
                            let column = transposedTable.pointer + channel * codes
                            for code in 0..<codes { distances[code] += factor * column[code] }
                        }
                        output[row] = Self.firstMinimum(distances, count: codes)
                    }
                }
            }
        }
        return result
    }

    private static func firstMinimum(_ values: UnsafePointer<Float>, count: Int) -> Int {
        var best = Float.infinity
        for index in 0..<count { best = values[index] < best ? values[index] : best }
        for index in 0..<count where values[index] == best { return index }
        return 0
    }

    /// The codes of the given numbers, `[count, channels]`, as a function of the codebook.
    public func lookup(_ indices: [Int]) -> Variable {
        let table = embedding.variable
        let tokens = gatherTokens(table.reshaped([1] + table.shape), [indices])
        return tokens.reshaped([indices.count, embedding.shape[1]])
    }
}
