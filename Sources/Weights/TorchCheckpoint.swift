/// A file written by `torch.save`: the zip format of PyTorch 1.6 and later, or the legacy format before it.
///
/// Tensors are views of the mapped file. Nothing of the pickle is executed.
public struct TorchCheckpoint: Sendable {
    /// Where the file is.
    public let path: String
    /// `zip` or `legacy`.
    public let format: String
    /// The saved object.
    public let root: PickleReference
    private let storages: [String: ByteRegion]

    /// Maps a checkpoint and reads its structure.
    ///
    /// Throws a `WeightsError` for anything that is not one.
    public init(path: String) throws(WeightsError) {
        try self.init(MappedFile(path: path).region, path: path)
    }

    init(_ region: ByteRegion, path: String) throws(WeightsError) {
        self.path = path
        if ZipArchive.recognizes(region) {
            format = "zip"
            (root, storages) = try Self.readZip(region, path: path)
        } else {
            format = "legacy"
            (root, storages) = try LegacyTorchFile.read(region, path: path)
        }
    }

    /// The arrays below a dotted path of the object, with their dotted names.
    ///
    /// A prefix `module.`, which data-parallel training leaves behind, is dropped.
    public func stateDictionary(at path: String? = nil) throws(WeightsError) -> StateDictionary {
        var reference = root
        for component in path?.split(separator: ".") ?? [] {
            guard let next = reference[String(component)] else {
                throw WeightsError(.missing, self.path, "has no entry \(path ?? "")")
            }
            reference = next
        }
        var result = StateDictionary()
        for (name, value) in reference.entries ?? [] {
            guard let array = try array(value, name: name) else { continue }
            result[name.hasPrefix("module.") ? String(name.dropFirst(7)) : name] = array
        }
        return result
    }

    /// The weights, wherever the usual programs keep them: `state_dict`, `model_state_dict`, `model`, or the top level.
    public func stateDictionary() throws(WeightsError) -> StateDictionary {
        for key in ["state_dict", "model_state_dict", "model"] where root[key]?.entries?.isEmpty == false {
            return try stateDictionary(at: key)
        }
        let top = try stateDictionary(at: nil)
        guard !top.isEmpty else { throw WeightsError(.missing, path, "holds no state dict") }
        return top
    }

    /// The array that a value of the pickle describes, or nil if it is something else.
    public func array(_ value: PickleReference, name: String) throws(WeightsError) -> StoredArray? {
        guard case .object(let object)? = value.node,
            let function = PickleReference(value.document, object.callable).globalName,
            let arguments = PickleReference(value.document, object.arguments).elements
        else { return nil }
        switch function {
        case "torch._utils._rebuild_parameter" where !arguments.isEmpty:
            return try array(arguments[0], name: name)
        case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor":
            return try rebuild(arguments, name: "\(path): \(name)")
        default: return nil
        }
    }

    private func rebuild(_ arguments: [PickleReference], name: String) throws(WeightsError) -> StoredArray {
        guard arguments.count >= 4, let offset = arguments[1].int,
            let shape = Self.integers(arguments[2]), let strides = Self.integers(arguments[3]), offset >= 0
        else { throw WeightsError(.damaged, name, "has a malformed tensor record") }
        let storage = try storage(arguments[0], name: name)
        let (start, overflow) = offset.multipliedReportingOverflow(by: storage.type.size)
        guard !overflow, start <= storage.region.count,
            let region = storage.region.slice(start, storage.region.count - start)
        else { throw WeightsError(.damaged, name, "starts beyond its storage") }
        return try StoredArray(type: storage.type, shape: shape, strides: strides, region: region, subject: name)
    }

    private func storage(_ value: PickleReference, name: String) throws(WeightsError) -> (
        type: ElementType, region: ByteRegion
    ) {
        guard case .persistent(let id)? = value.node,
            let parts = PickleReference(value.document, id).elements, parts.count >= 5,
            parts[0].string == "storage", let key = parts[2].string, let count = parts[4].int, count >= 0
        else { throw WeightsError(.damaged, name, "has a malformed storage record") }
        guard let type = TorchStorage.elementType(parts[1].globalName ?? "") else {
            throw WeightsError(.unsupported, name, "has elements of type \(parts[1].globalName ?? "?")")
        }
        guard let region = storages[key] else { throw WeightsError(.damaged, name, "has no storage \(key)") }
        guard count <= region.count / type.size, let exact = region.slice(0, count * type.size) else {
            throw WeightsError(.damaged, name, "has a storage of \(region.count) bytes for \(count) elements")
        }
        return (type, exact)
    }

    private static func integers(_ value: PickleReference) -> [Int]? {
        var elements = value.elements
        if elements == nil, case .object(let object)? = value.node {
            // torch.Size([...]) is a call.
            elements = PickleReference(value.document, object.arguments).elements?.first?.elements
        }
        guard let elements else { return nil }
        let integers = elements.compactMap(\.int)
        return integers.count == elements.count ? integers : nil
    }

    private static func readZip(_ region: ByteRegion, path: String) throws(WeightsError)
        -> (PickleReference, [String: ByteRegion])
    {
        let archive = try ZipArchive(region, path: path)
        guard let pickle = archive.entries.first(where: { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") })
        else {
            throw WeightsError(.unsupported, path, "is a zip archive without data.pkl, so no PyTorch checkpoint")
        }
        if let order = archive[pickle.name.dropLast(8) + "byteorder"] {
            guard Array(try archive.content(of: order).bytes) == Array("little".utf8) else {
                throw WeightsError(.unsupported, path, "was written on a big-endian machine")
            }
        }
        let prefix = pickle.name.dropLast(8) + "data/"
        var storages: [String: ByteRegion] = [:]
        for entry in archive.entries where entry.name.hasPrefix(prefix) {
            storages[String(entry.name.dropFirst(prefix.count))] = try archive.content(of: entry)
        }
        var unpickler = Unpickler(try archive.content(of: pickle), subject: "\(path): \(pickle.name)")
        return (try unpickler.read().reference, storages)
    }
}

/// The storage classes of PyTorch.
enum TorchStorage {
    /// The element type of a class such as `torch.FloatStorage`.
    static func elementType(_ name: String) -> ElementType? {
        switch name.split(separator: ".").last {
        case "DoubleStorage": .float64
        case "FloatStorage": .float32
        case "HalfStorage": .float16
        case "BFloat16Storage": .bfloat16
        case "LongStorage": .int64
        case "IntStorage": .int32
        case "ShortStorage": .int16
        case "CharStorage": .int8
        case "ByteStorage": .uint8
        case "BoolStorage": .bool
        default: nil
        }
    }
}
