/// A value of a pickle.
///
/// Containers are numbers into the document, so that shared and cyclic structures cost nothing.
enum PickleValue: Sendable, Equatable {
    case none
    case bool(Bool)
    case int(Int)
    /// An integer of more than 64 bits, little-endian two's complement.
    case longInt([UInt8])
    case double(Double)
    case string(String)
    case bytes([UInt8])
    /// A class or function, by name only.
    case global(module: String, name: String)
    case node(Int)
}

/// A container of a pickle.
enum PickleNode: Sendable {
    case tuple([PickleValue])
    case list([PickleValue])
    case dictionary([(key: PickleValue, value: PickleValue)])
    case set([PickleValue])
    /// The inert record of a call: what was called with what, and what was added to the result afterwards.
    case object(PickleObject)
    /// A reference to something outside of the pickle.
    case persistent(PickleValue)
}

/// What a pickle says about an object that a Python process would have built.
///
/// Nothing is ever called.
struct PickleObject: Sendable {
    var callable: PickleValue
    var arguments: PickleValue
    var state: [PickleValue] = []
    var items: [(key: PickleValue, value: PickleValue)] = []
    var appended: [PickleValue] = []
}

/// A value within a pickle, with access to what it contains.
public struct PickleReference: Sendable {
    let document: PickleDocument
    let value: PickleValue

    /// Makes a reference to the root of a document.
    init(_ document: PickleDocument, _ value: PickleValue) {
        self.document = document
        self.value = value
    }

    /// The integer, or nil if it is not one.
    public var int: Int? {
        switch value {
        case .int(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// The number, or nil if it is not one.
    public var double: Double? {
        if case .double(let value) = value { return value }
        return int.map(Double.init)
    }

    /// The text, or nil if it is not text.
    public var string: String? {
        if case .string(let value) = value { return value }
        return nil
    }

    /// The truth value, or nil if it is not one.
    public var bool: Bool? {
        if case .bool(let value) = value { return value }
        return nil
    }

    /// The dotted name of a class or function.
    public var globalName: String? {
        if case .global(let module, let name) = value { return "\(module).\(name)" }
        return nil
    }

    /// The dotted name of the class of an object.
    public var className: String? {
        guard case .object(let object)? = node else { return nil }
        return PickleReference(document, object.callable).globalName
    }

    /// The elements of a tuple, list or set.
    public var elements: [PickleReference]? {
        switch node {
        case .tuple(let values), .list(let values), .set(let values): values.map { PickleReference(document, $0) }
        case .object(let object) where !object.appended.isEmpty:
            object.appended.map { PickleReference(document, $0) }
        default: nil
        }
    }

    /// The entries of a dictionary or of a subclass of one, with the keys that are text.
    public var entries: [(key: String, value: PickleReference)]? {
        pairs?.compactMap { pair in
            guard case .string(let key) = pair.key else { return nil }
            return (key, PickleReference(document, pair.value))
        }
    }

    /// An entry of a dictionary, or an attribute of an object.
    public subscript(key: String) -> PickleReference? {
        pairs?.last { $0.key == .string(key) }.map { PickleReference(document, $0.value) }
    }

    var node: PickleNode? {
        if case .node(let index) = value { return document.nodes[index] }
        return nil
    }

    /// Entries of dictionaries; of objects, their items or else the attributes that their state sets.
    private var pairs: [(key: PickleValue, value: PickleValue)]? {
        switch node {
        case .dictionary(let pairs): return pairs
        case .object(let object):
            if !object.items.isEmpty || PickleDocument.isMapping(object.callable) { return object.items }
            return object.state.flatMap { state -> [(key: PickleValue, value: PickleValue)] in
                let reference = PickleReference(document, state)
                switch reference.node {
                case .dictionary(let pairs): return pairs
                case .tuple(let parts): return parts.flatMap { PickleReference(document, $0).pairs ?? [] }
                default: return []
                }
            }
        default: return nil
        }
    }
}

/// A pickle, read without executing anything.
final class PickleDocument: Sendable {
    let nodes: [PickleNode]
    let root: PickleValue

    init(nodes: [PickleNode], root: PickleValue) {
        self.nodes = nodes
        self.root = root
    }

    var reference: PickleReference { PickleReference(self, root) }

    static func isMapping(_ callable: PickleValue) -> Bool {
        guard case .global(let module, let name) = callable else { return false }
        return ["collections.OrderedDict", "collections.defaultdict", "builtins.dict", "__builtin__.dict"]
            .contains("\(module).\(name)")
    }
}
