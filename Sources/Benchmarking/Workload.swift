import Neural
import Tensors

/// Something that is set up once and then run as often as wanted, always on the same input.
protocol Workload: AnyObject {
    /// The number of weights of its networks.
    var weightCount: Int { get }

    /// Does it once.
    /// - Returns: the result in PyTorch's layout (images channels first).
    @discardableResult func run() -> Tensor
}
