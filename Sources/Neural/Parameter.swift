import Tensors

/// A named array of weights of a network.
///
/// Its value may be deferred: a value that is initialised at random or mapped from a file is only produced when first
/// needed, and a weight that inference uses in packed form alone never stays in memory twice.
public final class Parameter {
    /// The name in the state dict, for instance `blocks.0.attn.qkv.weight`.
    public let name: String
    /// The extent of every axis.
    public let shape: [Int]
    /// Whether gradients are recorded for it.
    public var isTrainable = false
    /// The sum of the gradients since it was last cleared; nil if there was none.
    public private(set) var gradient: Tensor?
    /// Where packed forms that an earlier run stored are found.
    public var packedCache: (any PackedWeightCache)?

    private var source: Source
    private var accumulator = GradientAccumulator()
    private(set) var version = 0
    private var packedForms: [String: PackedForm] = [:]

    private enum Source {
        case deferred(() -> Tensor)
        case resident(Tensor)
    }

    private struct PackedForm {
        let versions: [Int]
        let object: AnyObject
    }

    /// A parameter whose value `initial` produces when it is first needed.
    public init(name: String, shape: [Int], initial: @escaping () -> Tensor) {
        self.name = name
        self.shape = shape
        source = .deferred(initial)
    }

    /// The number of weights.
    public var count: Int { shape.reduce(1, *) }

    /// The value.
    ///
    /// Assigning one of another shape is a programmer's error.
    public var value: Tensor {
        get {
            switch source {
            case .resident(let tensor):
                return tensor
            case .deferred(let initial):
                let tensor = initial()
                precondition(tensor.shape == shape, "\(name) has shape \(shape), not \(tensor.shape).")
                source = .resident(tensor)
                return tensor
            }
        }
        set {
            precondition(newValue.shape == shape, "\(name) has shape \(shape), not \(newValue.shape).")
            source = .resident(newValue)
            version += 1
        }
    }

    /// Replaces the value by one that `initial` produces when it is first needed.
    public func `defer`(_ initial: @escaping () -> Tensor) {
        source = .deferred(initial)
        version += 1
    }

    /// Changes the value in place, on memory of its own.
    public func update(_ body: (Tensor) -> Void) {
        if !ownsValue {
            source = .resident(value.copy())
            ownsValue = true
        }
        body(value)
        version += 1
    }

    private var ownsValue = false

    /// The parameter as an argument of an operation.
    public var variable: Variable {
        let isRecorded = isTrainable && GradientRecording.isEnabled
        return Variable(value, node: isRecorded ? Node(parameter: self) : nil)
    }

    /// Forgets the gradient.
    public func clearGradient() {
        _ = accumulator.take()
        gradient = nil
    }

    func accumulateGradient(_ term: Tensor) {
        accumulator.add(term.shape == shape ? term : term.reshaped(shape))
        gradient = accumulator.value
    }

    /// A form of this parameter (and of others that go with it) that the kernels read, made once per value.
    ///
    /// - Parameters:
    ///   - key: what distinguishes the form from others of the same parameter.
    ///   - companions: further parameters that are part of the form.
    ///   - build: makes it from stored data of an earlier run, or else from the values.
    func packed<Form: AnyObject>(
        _ key: String,
        with companions: [Parameter] = [],
        build: (_ stored: Tensor?, _ values: () -> [Tensor]) -> Form
    ) -> Form {
        let parameters = [self] + companions
        let versions = parameters.map(\.version)
        if let form = packedForms[key], form.versions == versions, let object = form.object as? Form { return object }
        let stored = packedCache?.packedData(parameter: name, form: key)
        let object = build(stored) { parameters.map { $0.transientValue } }
        packedForms[key] = PackedForm(versions: versions, object: object)
        // Constant weights are packed once, between the operations of a first step; what was needed for that, and the
        // sizes that only a first step uses, would otherwise stay cached beside them.
        if !isTrainable { Engine.current.workspace.trim(above: Self.unusedBytesWhilePacking) }
        return object
    }

    private static let unusedBytesWhilePacking = 64 << 20

    /// The packed forms of the present values that can be stored, by form.
    public var storablePackedData: [String: Tensor] {
        packedForms.compactMapValues { form in
            form.versions.first == version ? (form.object as? any StorablePackedForm)?.data : nil
        }
    }

    /// The value, not kept if it was deferred and nothing else needs it.
    public var transientValue: Tensor {
        switch source {
        case .resident(let tensor): tensor
        case .deferred(let initial): isTrainable ? value : initial()
        }
    }
}

/// Packed weights that an earlier run stored.
public protocol PackedWeightCache: AnyObject {
    /// The stored data of a form of a parameter, or nil if there is none.
    func packedData(parameter: String, form: String) -> Tensor?
}

/// A packed form that can be stored and used again.
public protocol StorablePackedForm: AnyObject {
    /// All of it but the sizes.
    var data: Tensor { get }
}

extension PackedMatrix: StorablePackedForm {}
extension PackedConvolution: StorablePackedForm {}
