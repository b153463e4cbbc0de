import Foundation
import Tensors

/// The mean of (prediction − target)² over all elements.
public func meanSquaredError(_ prediction: Variable, _ target: Variable) -> Variable {
    let difference = prediction - target
    return mean(difference * difference)
}

/// The mean squared error of the masked patches: Σ mask·(mean over a patch)/Σ mask, or 0 when nothing is masked.
///
/// - Parameters:
///   - prediction: `[B, L, P]`.
///   - target: `[B, L, P]`.
///   - mask: `[B, L]`, 1 for a patch that counts.
public func maskedMeanSquaredError(_ prediction: Variable, _ target: Tensor, mask: Tensor) -> Variable {
    let masked = Float(Tensors.sum(mask))
    guard masked > 0 else { return 0 * sum(prediction) }
    let width = prediction.shape[prediction.shape.count - 1]
    let weights = Tensor(uninitialized: prediction.shape)
    for row in 0..<mask.count {
        let weight = mask.pointer[row] / (Float(width) * masked)
        for column in 0..<width { weights.pointer[row * width + column] = weight }
    }
    let difference = prediction - Variable(target)
    return sum(difference * difference * Variable(weights))
}

/// The mean over rows of −log softmax(logits)[row, targets[row]] for `logits [N, M]`.
public func crossEntropy(_ logits: Variable, targets: [Int]) -> Variable {
    let (rows, classes) = (logits.shape[0], logits.shape[1])
    precondition(targets.count == rows, "\(targets.count) targets for \(rows) rows.")
    let probabilities = Tensors.softmax(logits.value)
    var total = 0.0
    for row in 0..<rows {
        let source = logits.value.pointer + row * classes
        let largest = (0..<classes).reduce(-Float.infinity) { max($0, source[$1]) }
        let normalizer = (0..<classes).reduce(0.0) { $0 + exp(Double(source[$1] - largest)) }
        total += log(normalizer) + Double(largest) - Double(source[targets[row]])
    }
    return .result(Tensor(Float(total / Double(max(rows, 1)))), of: [logits]) { gradient in
        let result = Tensors.scale(probabilities, by: gradient.item / Float(rows))
        for row in 0..<rows { result.pointer[row * classes + targets[row]] -= gradient.item / Float(rows) }
        return [result]
    }
}
