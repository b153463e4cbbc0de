extension NPY {
    /// Reads the Python objects in a npy file, in row-major order, without executing anything.
    public static func objects(path: String) throws(WeightsError) -> [PickleReference] {
        let root = try readObjects(MappedFile(path: path).region, subject: path)
        guard let objects = root.numpyObjects else { throw WeightsError(.damaged, path, "is not an array of objects") }
        return objects
    }
}

/// NumPy arrays within pickles: `numpy.core.multiarray._reconstruct`, given the state `(version, shape, dtype, is Fortran
/// order, content)`.
extension PickleReference {
    /// The array of numbers that this describes, or nil if it is something else.
    public func numpyArray(subject: String) throws(WeightsError) -> StoredArray? {
        guard let state = numpyState, let descriptor = state[2].numpyDescriptor, let bytes = state[4].byteContent else {
            return nil
        }
        guard let (type, isBigEndian) = NPY.elementType(descriptor) else {
            throw WeightsError(.unsupported, subject, "has elements of type \(descriptor)")
        }
        let shape = (state[1].elements ?? []).compactMap(\.int)
        _ = try StoredArray.count(of: shape, subject: subject)
        var strides: [Int]?
        if state[3].bool == true {
            var stride = 1
            strides = shape.map { extent in
                defer { stride *= max(extent, 1) }
                return stride
            }
        }
        return try StoredArray(
            type: type,
            shape: shape,
            strides: strides,
            isBigEndian: isBigEndian,
            region: ByteRegion(copying: bytes),
            subject: subject
        )
    }

    /// The elements of a pickled array of objects, or nil if this is something else.
    var numpyObjects: [PickleReference]? {
        guard let state = numpyState, state[2].numpyDescriptor?.dropFirst().hasPrefix("O") == true else { return nil }
        return state[4].elements
    }

    private var numpyState: [PickleReference]? {
        guard case .object(let object)? = node, let state = object.state.last,
            let function = PickleReference(document, object.callable).globalName,
            ["numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"].contains(function),
            let parts = PickleReference(document, state).elements, parts.count == 5
        else { return nil }
        return parts
    }

    /// The byte order and type of a `numpy.dtype`, for instance `<f4`.
    private var numpyDescriptor: String? {
        guard case .object(let object)? = node,
            PickleReference(document, object.callable).globalName == "numpy.dtype",
            let type = PickleReference(document, object.arguments).elements?.first?.string
        else { return nil }
        let state = object.state.last.flatMap { PickleReference(document, $0).elements }
        let order = (state?.count ?? 0) > 1 ? state?[1].string : nil
        return (order ?? "|") + type
    }

    /// Bytes; protocols before 3 write them as Latin-1 text to be encoded.
    private var byteContent: [UInt8]? {
        if case .bytes(let bytes) = value { return bytes }
        guard case .object(let object)? = node,
            PickleReference(document, object.callable).globalName == "_codecs.encode",
            let text = PickleReference(document, object.arguments).elements?.first?.string
        else { return nil }
        let bytes = text.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
        return bytes.count == text.unicodeScalars.count ? bytes : nil
    }
}
