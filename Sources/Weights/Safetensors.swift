import Foundation

/// The safetensors format: a JSON header that names arrays, then their bytes, one behind the other.
public struct Safetensors: Sendable {
    /// The arrays, in the order of their bytes.
    public let tensors: StateDictionary
    /// Free text entries.
    public let metadata: [String: String]

    private static let maximumHeader = 100 << 20
    private static let typeNames: [String: ElementType] = [
        "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32,
        "I16": .int16, "I8": .int8, "U64": .uint64, "U32": .uint32, "U16": .uint16, "U8": .uint8, "BOOL": .bool,
    ]

    private struct Record: Codable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    private enum Header: Decodable {
        case metadata([String: String])
        case record(Record)

        init(from decoder: any Decoder) throws {
            if let record = try? Record(from: decoder) {
                self = .record(record)
            } else {
                self = .metadata(try [String: String](from: decoder))
            }
        }
    }

    /// Maps a file and reads its header.
    ///
    /// Throws `damaged` if arrays overlap, leave gaps or reach beyond the file.
    public init(path: String) throws(WeightsError) {
        try self.init(MappedFile(path: path).region, path: path)
    }

    init(_ region: ByteRegion, path: String) throws(WeightsError) {
        guard let length = region.integer(UInt64.self, at: 0), length <= UInt64(Self.maximumHeader),
            let header = region.slice(8, Int(length)),
            let data = region.slice(8 + Int(length), region.count - 8 - Int(length))
        else { throw WeightsError(.damaged, path, "has no complete safetensors header") }
        guard let entries = try? JSONDecoder().decode([String: Header].self, from: Data(header.bytes)) else {
            throw WeightsError(.damaged, path, "has a header that is not the JSON of a safetensors file")
        }
        var metadata: [String: String] = [:]
        var records: [(name: String, record: Record)] = []
        for (name, entry) in entries {
            switch entry {
            case .metadata(let text) where name == "__metadata__": metadata = text
            case .record(let record) where record.data_offsets.count == 2: records.append((name, record))
            default: throw WeightsError(.damaged, "\(path): \(name)", "has a malformed entry")
            }
        }
        records.sort { ($0.record.data_offsets[0], $0.name) < ($1.record.data_offsets[0], $1.name) }
        var end = 0
        var tensors = StateDictionary()
        for (name, record) in records {
            tensors[name] = try Self.array(record, name: "\(path): \(name)", data: data, start: &end)
        }
        guard end == data.count else {
            throw WeightsError(.damaged, path, "has \(data.count) bytes of data, its header describes \(end)")
        }
        self.tensors = tensors
        self.metadata = metadata
    }

    private static func array(_ record: Record, name: String, data: ByteRegion, start: inout Int) throws(WeightsError)
        -> StoredArray
    {
        guard let type = typeNames[record.dtype] else {
            throw WeightsError(.unsupported, name, "has elements of type \(record.dtype)")
        }
        let count = try StoredArray.count(of: record.shape, subject: name)
        let (begin, stop) = (record.data_offsets[0], record.data_offsets[1])
        guard begin == start, stop >= begin, stop - begin == count * type.size,
            let region = data.slice(begin, stop - begin)
        else {
            throw WeightsError(
                .damaged,
                name,
                "lies at bytes \(begin)..<\(stop), which contradicts its shape, its neighbours or the file"
            )
        }
        start = stop
        return try StoredArray(type: type, shape: record.shape, region: region, subject: name)
    }

    /// An array to be written.
    public struct Output {
        /// The name.
        public let name: String
        /// The extent of every axis.
        public let shape: [Int]
        /// Calls its argument with the float32 elements.
        public let elements: ((UnsafeBufferPointer<Float>) throws(WeightsError) -> Void) throws(WeightsError) -> Void

        /// Describes an array; `elements` is asked for when its turn comes, so that one array is in memory at a time.
        public init(
            name: String,
            shape: [Int],
            elements: @escaping ((UnsafeBufferPointer<Float>) throws(WeightsError) -> Void) throws(WeightsError) -> Void
        ) {
            self.name = name
            self.shape = shape
            self.elements = elements
        }
    }

    /// Writes float32 arrays, one after the other, replacing what was there at once.
    /// - Parameter tee: receives every byte in order, for a checksum.
    public static func write(
        _ outputs: [Output],
        metadata: [String: String] = [:],
        to path: String,
        tee: ((UnsafeRawBufferPointer) -> Void)? = nil
    ) throws(WeightsError) {
        let header = try encodeHeader(outputs, metadata: metadata, path: path)
        try AtomicWriter.write(to: path) { (descriptor) throws(WeightsError) in
            func append(_ bytes: UnsafeRawBufferPointer) throws(WeightsError) {
                try AtomicWriter.append(bytes, to: descriptor, path: path)
                tee?(bytes)
            }
            try AtomicWriter.append(header, to: descriptor, path: path)
            header.withUnsafeBytes { tee?($0) }
            for output in outputs {
                try output.elements { (elements) throws(WeightsError) in
                    precondition(
                        elements.count == output.shape.reduce(1, *),
                        "\(output.name) has shape \(output.shape)."
                    )
                    try append(UnsafeRawBufferPointer(elements))
                }
            }
        }
    }

    private static func encodeHeader(_ outputs: [Output], metadata: [String: String], path: String) throws(WeightsError)
        -> [UInt8]
    {
        var entries: [String] = []
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func json(_ value: some Encodable) throws(WeightsError) -> String {
            guard let data = try? encoder.encode(value) else {
                throw WeightsError(.unwritable, path, "has a name that is not text")
            }
            return String(decoding: data, as: UTF8.self)
        }
        if !metadata.isEmpty { entries.append("\"__metadata__\":\(try json(metadata))") }
        var offset = 0
        for output in outputs {
            let size = output.shape.reduce(4, *)
            let record = Record(dtype: "F32", shape: output.shape, data_offsets: [offset, offset + size])
            entries.append("\(try json(output.name)):\(try json(record))")
            offset += size
        }
        var text = Array("{\(entries.joined(separator: ","))}".utf8)
        // Data that begins at a multiple of 64 can be used where it is mapped.
        text += [UInt8](repeating: 32, count: (64 - (8 + text.count) % 64) % 64)
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }
}
