/// The format of `torch.save` before PyTorch 1.6: five pickles, then each storage as a count and raw elements.
enum LegacyTorchFile {
    private static let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]

    static func read(_ region: ByteRegion, path: String) throws(WeightsError) -> (PickleReference, [String: ByteRegion])
    {
        guard region.integer(UInt8.self, at: 0) == 0x80 else {
            throw WeightsError(.unsupported, path, "is not a PyTorch checkpoint")
        }
        var position = 0
        func next() throws(WeightsError) -> PickleDocument {
            var unpickler = Unpickler(region, at: position, subject: path)
            let document = try unpickler.read()
            position = unpickler.position
            return document
        }
        guard case .longInt(let number) = try next().root, number == magic else {
            throw WeightsError(.unsupported, path, "is a pickle, but no PyTorch checkpoint")
        }
        guard case .int(1001) = try next().root else {
            throw WeightsError(.unsupported, path, "has an unknown protocol version")
        }
        _ = try next()
        let object = try next()
        guard let keys = try next().reference.elements?.compactMap(\.string) else {
            throw WeightsError(.damaged, path, "has no list of storages")
        }
        let types = elementTypes(object)
        var storages: [String: ByteRegion] = [:]
        for key in keys {
            guard let type = types[key] else {
                throw WeightsError(.damaged, path, "has a storage \(key) that nothing uses")
            }
            guard let count = region.integer(Int64.self, at: position), count >= 0, count <= region.count / type.size,
                let data = region.slice(position + 8, Int(count) * type.size)
            else { throw WeightsError(.damaged, path, "ends within storage \(key); was it cut short?") }
            storages[key] = data
            position += 8 + data.count
        }
        return (object.reference, storages)
    }

    /// The element type of every storage that the object refers to.
    private static func elementTypes(_ document: PickleDocument) -> [String: ElementType] {
        var types: [String: ElementType] = [:]
        for case .persistent(let id) in document.nodes {
            guard let parts = PickleReference(document, id).elements, parts.count >= 5, let key = parts[2].string,
                let type = TorchStorage.elementType(parts[1].globalName ?? "")
            else { continue }
            types[key] = type
        }
        return types
    }
}
