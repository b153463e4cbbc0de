import Digests
import Foundation
import Neural
import Tensors

extension PackedWeightFile {
    /// Writes the packed forms that the parameters have at this moment; the file appears only when it is complete.
    ///
    /// - Returns: the number of bytes written, or 0 if there were no packed forms.
    @discardableResult
    static func write(_ parameters: [Parameter], key: Key, to url: URL) throws -> Int {
        var arrays: [(entry: Entry, data: Tensor)] = []
        for parameter in parameters {
            for (form, data) in parameter.storablePackedData.sorted(by: { $0.key < $1.key }) {
                let entry = Entry(parameter: parameter.name, form: form, offset: 0, count: data.count, checksum: 0)
                arrays.append((entry, data))
            }
        }
        guard !arrays.isEmpty else { return 0 }
        for index in arrays.indices { arrays[index].entry.checksum = arrays[index].data.withBytes(checksum) }
        let (prefix, entries, total) = try layout(arrays.map(\.entry), key: key)
        let temporary = url.deletingLastPathComponent()
            .appendingPathComponent(".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).partial")
        do {
            try writeFile(temporary, prefix: prefix, entries: entries, arrays: arrays.map(\.data))
            try AtomicFolder.synchronize(temporary)
            try AtomicFolder.rename(temporary, to: url)
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            throw error
        }
        return total
    }

    /// Places the arrays behind a header whose own length depends on where they are.
    private static func layout(_ entries: [Entry], key: Key) throws -> (prefix: Data, entries: [Entry], total: Int) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // An offset has at most 19 digits, so this leaves room for all of them.
        let roomy = try encoder.encode(Header(key: key, entries: entries)).count + 20 * entries.count
        var offset = (prefixLength + roomy + 4095) / 4096 * 4096
        var placed = entries
        for index in placed.indices {
            placed[index].offset = offset
            offset = (offset + placed[index].count * MemoryLayout<Float>.stride + alignment - 1) / alignment * alignment
        }
        let json = try encoder.encode(Header(key: key, entries: placed))
        var prefix = Data(magic)
        withUnsafeBytes(of: UInt64(json.count).littleEndian) { prefix.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt64(offset).littleEndian) { prefix.append(contentsOf: $0) }
        prefix.append(contentsOf: SHA256.hexDigest(of: json).utf8)
        prefix.append(json)
        return (prefix, placed, offset)
    }

    private static func writeFile(_ url: URL, prefix: Data, entries: [Entry], arrays: [Tensor]) throws {
        let file = try OutputFile(url)
        try prefix.withUnsafeBytes { try file.append($0) }
        for (entry, array) in zip(entries, arrays) {
            try file.pad(to: entry.offset)
            try array.withBytes { try file.append($0) }
        }
        let end = file.length
        try file.pad(to: (end + alignment - 1) / alignment * alignment)
        try file.close()
    }
}

extension Tensor {
    /// Calls `body` with the elements as bytes.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) {
            try body(UnsafeRawBufferPointer(start: pointer, count: count * MemoryLayout<Float>.stride))
        }
    }
}
