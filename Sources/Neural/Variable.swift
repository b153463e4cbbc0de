import Synchronization
import Tensors

/// A tensor together with how it was computed, as far as that leads to trainable parameters.
///
/// Operations on variables record what the reverse pass needs only when an argument depends on a trainable parameter;
/// in inference nothing is recorded and every intermediate tensor is released as soon as it has been used.
public struct Variable {
    /// The value.
    public let value: Tensor
    let node: Node?

    /// A constant.
    public init(_ value: Tensor) {
        self.init(value, node: nil)
    }

    init(_ value: Tensor, node: Node?) {
        self.value = value
        self.node = node
    }

    /// The extent of every axis.
    public var shape: [Int] { value.shape }

    /// Whether the value depends on a trainable parameter through recorded operations.
    public var requiresGradient: Bool { node != nil }

    /// The same value as a constant: no gradient flows through it.
    public var detached: Variable { Variable(value) }

    /// A result of an operation.
    /// - Parameters:
    ///   - value: the result.
    ///   - arguments: what it was computed from.
    ///   - gradient: maps the gradient of the result to the gradients of the arguments, in their order. An element may
    ///     be nil where the argument does not require one.
    static func result(
        _ value: Tensor,
        of arguments: [Variable],
        gradient: @escaping (Tensor) -> [Tensor?]
    ) -> Variable {
        guard arguments.contains(where: \.requiresGradient) else { return Variable(value) }
        return Variable(value, node: Node(arguments: arguments.map(\.node), gradient: gradient))
    }
}

/// A step of a recorded computation.
final class Node {
    /// Increases with the order of recording: arguments have smaller numbers than results.
    let sequence: UInt64
    private(set) var arguments: [Node?]
    private(set) var gradientFunction: ((Tensor) -> [Tensor?])?
    private let parameter: Parameter?
    private var gradient = GradientAccumulator()
    private static let counter = Atomic<UInt64>(0)

    init(arguments: [Node?], gradient: @escaping (Tensor) -> [Tensor?]) {
        sequence = Self.counter.add(1, ordering: .relaxed).newValue
        self.arguments = arguments
        gradientFunction = gradient
        parameter = nil
    }

    init(parameter: Parameter) {
        sequence = Self.counter.add(1, ordering: .relaxed).newValue
        arguments = []
        self.parameter = parameter
    }

    func accumulate(_ contribution: Tensor) {
        gradient.add(contribution)
    }

    /// Passes the gathered gradient on and forgets what was recorded.
    func propagate() {
        guard let total = gradient.take() else { return }
        parameter?.accumulateGradient(total)
        guard let function = gradientFunction else { return }
        for (argument, contribution) in zip(arguments, function(total)) {
            if let argument, let contribution { argument.accumulate(contribution) }
        }
        gradientFunction = nil
        arguments = []
    }

    // A long chain of nodes would otherwise be released recursively, a stack frame or more per operation.
    deinit {
        gradientFunction = nil
        var pending = arguments.compactMap { $0 }
        arguments = []
        while var node = pending.popLast() {
            guard isKnownUniquelyReferenced(&node) else { continue }
            pending += node.arguments.compactMap { $0 }
            node.arguments = []
            node.gradientFunction = nil
        }
    }
}

/// A sum of gradients that copies nothing while there is only one term.
struct GradientAccumulator {
    private(set) var value: Tensor?
    private var isOwned = false

    mutating func add(_ term: Tensor) {
        guard let sum = value else {
            value = term
            isOwned = false
            return
        }
        if isOwned {
            Tensors.add(term, to: sum)
        } else {
            // The first term may be shared with other nodes, so the sum gets memory of its own.
            value = Tensors.add(sum, term)
            isOwned = true
        }
    }

    mutating func take() -> Tensor? {
        defer {
            value = nil
            isOwned = false
        }
        return value
    }
}
