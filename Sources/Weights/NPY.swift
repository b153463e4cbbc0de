import Foundation

/// Arrays in NumPy's npy format, versions 1–3.
public enum NPY {
    /// Reads an array of numbers.
    ///
    /// Throws `unsupported` for arrays of objects and for element types that are not read.
    public static func read(_ region: ByteRegion, subject: String) throws(WeightsError) -> StoredArray {
        let header = try NPYHeader(region, subject: subject)
        guard let (type, isBigEndian) = elementType(header.descriptor) else {
            throw WeightsError(.unsupported, subject, "has elements of type \(header.descriptor)")
        }
        guard let data = region.slice(header.dataOffset, region.count - header.dataOffset) else {
            throw WeightsError(.damaged, subject, "has no data")
        }
        var strides: [Int]?
        if header.isFortranOrder {
            var stride = 1
            _ = try StoredArray.count(of: header.shape, subject: subject)
            strides = header.shape.map { extent in
                defer { stride *= max(extent, 1) }
                return stride
            }
        }
        return try StoredArray(
            type: type,
            shape: header.shape,
            strides: strides,
            isBigEndian: isBigEndian,
            region: data,
            subject: subject
        )
    }

    /// Reads a npy file.
    public static func read(path: String) throws(WeightsError) -> StoredArray {
        try read(MappedFile(path: path).region, subject: path)
    }

    /// Reads an array of Python objects: the pickle behind the header, read without executing anything.
    public static func readObjects(_ region: ByteRegion, subject: String) throws(WeightsError) -> PickleReference {
        let header = try NPYHeader(region, subject: subject)
        guard header.descriptor.hasPrefix("|O") || header.descriptor == "O" else {
            throw WeightsError(.unsupported, subject, "holds \(header.descriptor), not objects")
        }
        var unpickler = Unpickler(region, at: header.dataOffset, subject: subject)
        return try unpickler.read().reference
    }

    /// The bytes of a float32 array in npy format, version 1.
    public static func encode(_ elements: some Collection<Float>, shape: [Int]) -> [UInt8] {
        var bytes = header(descriptor: "<f4", shape: shape)
        bytes.reserveCapacity(bytes.count + 4 * elements.count)
        for element in elements {
            withUnsafeBytes(of: element.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// The bytes of an int64 array in npy format, version 1.
    public static func encode(_ elements: some Collection<Int64>, shape: [Int]) -> [UInt8] {
        var bytes = header(descriptor: "<i8", shape: shape)
        for element in elements { withUnsafeBytes(of: element.littleEndian) { bytes.append(contentsOf: $0) } }
        return bytes
    }

    /// Writes a float32 array as a npy file, replacing what was there at once.
    public static func write(_ elements: some Collection<Float>, shape: [Int], to path: String) throws(WeightsError) {
        try AtomicWriter.write(encode(elements, shape: shape), to: path)
    }

    private static func header(descriptor: String, shape: [Int]) -> [UInt8] {
        let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(extents)), }"
        // The data begins at a multiple of 64, and the header ends with a line feed.
        text += String(repeating: " ", count: (64 - (10 + text.utf8.count + 1) % 64) % 64) + "\n"
        let length = UInt16(text.utf8.count)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
    }

    static func elementType(_ descriptor: String) -> (ElementType, isBigEndian: Bool)? {
        guard let order = descriptor.first, "<>|=".contains(order) else { return nil }
        let types: [String: ElementType] = [
            "f8": .float64, "f4": .float32, "f2": .float16, "i8": .int64, "i4": .int32, "i2": .int16, "i1": .int8,
            "u8": .uint64, "u4": .uint32, "u2": .uint16, "u1": .uint8, "b1": .bool,
        ]
        return types[String(descriptor.dropFirst())].map { ($0, order == ">") }
    }
}

/// The header of a npy file: a Python dictionary literal with three known keys.
struct NPYHeader {
    var descriptor = ""
    var isFortranOrder = false
    var shape: [Int] = []
    let dataOffset: Int

    init(_ region: ByteRegion, subject: String) throws(WeightsError) {
        guard region.count >= 10, Array(region.bytes[0..<6]) == [0x93] + Array("NUMPY".utf8) else {
            throw WeightsError(.unsupported, subject, "is not a npy array")
        }
        let version = region.bytes[6]
        let length =
            version == 1
            ? region.integer(UInt16.self, at: 8).map(Int.init) : region.integer(UInt32.self, at: 8).map(Int.init)
        let start = version == 1 ? 10 : 12
        guard (1...3).contains(version), let length, length <= 1 << 20, let header = region.slice(start, length) else {
            throw WeightsError(.damaged, subject, "has a damaged npy header")
        }
        dataOffset = start + length
        let text = String(decoding: header.bytes, as: UTF8.self)
        guard let descriptor = Self.quoted(text, after: "descr"), let shape = Self.integers(text, after: "shape") else {
            throw WeightsError(.unsupported, subject, "has the npy header \(text.prefix(120))")
        }
        self.descriptor = descriptor
        self.shape = shape
        isFortranOrder = Self.value(text, after: "fortran_order").hasPrefix("True")
    }

    private static func value(_ text: String, after key: String) -> Substring {
        for quote in ["'", "\""] {
            if let range = text.range(of: quote + key + quote) {
                return text[range.upperBound...].drop { $0 == ":" || $0 == " " }
            }
        }
        return ""
    }

    private static func quoted(_ text: String, after key: String) -> String? {
        let value = value(text, after: key)
        guard let quote = value.first, quote == "'" || quote == "\"" else { return nil }
        let rest = value.dropFirst()
        return rest.firstIndex(of: quote).map { String(rest[..<$0]) }
    }

    private static func integers(_ text: String, after key: String) -> [Int]? {
        let value = value(text, after: key)
        guard value.first == "(", let end = value.firstIndex(of: ")") else { return nil }
        let parts = value[value.index(after: value.startIndex)..<end].split(separator: ",")
        // Python 2 wrote long integers with an L behind.
        let trimmed = parts.map { $0.filter { $0 != " " && $0 != "L" } }.filter { !$0.isEmpty }
        let integers = trimmed.compactMap { Int($0) }
        return integers.count == trimmed.count ? integers : nil
    }
}
