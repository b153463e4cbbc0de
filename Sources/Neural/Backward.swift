import Tensors

extension Variable {
    /// Adds the gradient of this scalar to `gradient` of every trainable parameter that it depends on.
    ///
    /// The recorded computation is released on the way, so a variable can be differentiated once.
    public func backward() {
        precondition(value.count == 1, "The gradient starts at a scalar, not at shape \(shape).")
        backward(seed: Tensor(repeating: 1, shape: shape))
    }

    /// Adds `seed`ᵀ·∂(this)/∂p to `gradient` of every trainable parameter p.
    public func backward(seed: Tensor) {
        precondition(seed.shape == shape, "A seed of shape \(seed.shape) for a value of shape \(shape).")
        guard let node else { return }
        node.accumulate(seed)
        var order = Self.reachable(from: node)
        order.sort { $0.sequence > $1.sequence }
        for index in order.indices { order[index].propagate() }
    }

    private static func reachable(from root: Node) -> [Node] {
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
        var pending = [root]
        var result: [Node] = []
        while let node = pending.popLast() {
            result.append(node)
            for case let argument? in node.arguments where seen.insert(ObjectIdentifier(argument)).inserted {
                pending.append(argument)
            }
        }
        return result
    }
}

/// Whether operations record what a reverse pass needs.
public enum GradientRecording {
    @TaskLocal static var isEnabled = true

    /// Runs `body` with every parameter treated as a constant.
    public static func disabled<Result>(_ body: () throws -> Result) rethrows -> Result {
        try $isEnabled.withValue(false, operation: body)
    }
}
