import Tensors

/// The parameters of a network, in the order of their declaration.
public final class ParameterStore {
    /// The parameters in the order of their declaration.
    public private(set) var parameters: [Parameter] = []
    private var byName: [String: Parameter] = [:]
    /// The seed of random initial values.
    public let seed: UInt64

    /// An empty store.
    public init(seed: UInt64 = 0) {
        self.seed = seed
    }

    /// The scope of names without a prefix.
    public var root: ParameterScope { ParameterScope(store: self, prefix: "") }

    /// The parameter of that name.
    public subscript(name: String) -> Parameter? { byName[name] }

    /// The number of weights of all parameters.
    public var count: Int { parameters.reduce(0) { $0 + $1.count } }

    /// Adds a parameter; its name must be new.
    func declare(_ parameter: Parameter) {
        precondition(byName[parameter.name] == nil, "Two parameters are called \(parameter.name).")
        parameters.append(parameter)
        byName[parameter.name] = parameter
    }

    /// Makes every parameter trainable that `selection` chooses and all others constant.
    public func train(where selection: (Parameter) -> Bool) {
        for parameter in parameters { parameter.isTrainable = selection(parameter) }
    }

    /// The parameters that are trained.
    public var trainable: [Parameter] { parameters.filter(\.isTrainable) }

    /// Forgets all gradients.
    public func clearGradients() {
        for parameter in parameters { parameter.clearGradient() }
    }

    /// Looks packed forms up in `cache` from now on.
    public func usePackedCache(_ cache: (any PackedWeightCache)?) {
        for parameter in parameters { parameter.packedCache = cache }
    }
}

/// A prefix of parameter names, as in a state dict: `scope["blocks"][0]` names `blocks.0`.
public struct ParameterScope {
    let store: ParameterStore
    let prefix: String

    /// The scope of a component.
    public subscript(component: String) -> ParameterScope {
        ParameterScope(store: store, prefix: prefix.isEmpty ? component : "\(prefix).\(component)")
    }

    /// The scope of a numbered component.
    public subscript(index: Int) -> ParameterScope { self[String(index)] }

    /// Declares a parameter below this prefix.
    public func parameter(_ name: String, _ shape: [Int], _ initializer: Initializer) -> Parameter {
        let path = self[name].prefix
        let seed = store.seed
        let parameter = Parameter(name: path, shape: shape) {
            initializer.makeTensor(shape: shape, seed: seed, purpose: path)
        }
        store.declare(parameter)
        return parameter
    }
}
