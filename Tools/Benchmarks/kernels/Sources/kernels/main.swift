import Foundation
import Tensors

// kernels [threads] [filter] [portable|avx2|avx512]: speed and share of the peak, shape by shape, of the networks'
// products, convolutions, attention and elementwise operations.
let arguments = CommandLine.arguments.dropFirst().map { String($0) }
let threads = arguments.first.flatMap { Int($0) } ?? 2
let filter = arguments.count > 1 && arguments[1] != "all" ? arguments[1] : nil
let instructions = arguments.count > 2 ? InstructionSet(rawValue: arguments[2]) ?? .best : .best

Engine.$current.withValue(Engine(threads: threads, instructionSet: instructions)) {
    let timing = Timing(filter: filter)
    measureLinear(timing)
    measureConvolutions(timing)
    measureAttention(timing)
    measureElementwise(timing)
    measureGradients(timing)
}
