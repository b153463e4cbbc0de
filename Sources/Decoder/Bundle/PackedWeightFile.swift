import Digests
import Foundation
import Neural
import Synchronization
import Tensors

/// A file of packed weights, mapped into memory: what lets a decoder start without reading, or keeping, its raw weights.
///
/// Layout, little-endian: the eight bytes `PERCPACK`; the header's length and the file's length, 8 bytes each; the 64
/// hexadecimal digits of the header's SHA-256; the header, JSON; then the arrays, each at a multiple of 64 bytes. The
/// header names the weights, the kernels' layout and the instruction set that the arrays belong to, and has a checksum
/// of every array, which is compared when the array is first used. An array that fails it is packed anew.
public final class PackedWeightFile: PackedWeightCache, Sendable {
    /// What packed weights depend on besides the weights themselves.
    struct Key: Codable, Equatable, Sendable {
        /// Identifies the weights.
        var weights: String
        /// The version of the kernels' layouts.
        var layout: Int
        /// The instruction set that the layouts are for.
        var instructionSet: String
    }

    struct Entry: Codable, Sendable {
        var parameter: String
        var form: String
        var offset: Int
        var count: Int
        var checksum: UInt64
    }

    struct Header: Codable, Sendable {
        var key: Key
        var entries: [Entry]
    }

    /// The version of the order in which kernels read packed weights.
    static let layoutVersion = PackedMatrix.layoutVersion
    static let magic = Array("PERCPACK".utf8)
    static let prefixLength = 8 + 8 + 8 + 64
    static let alignment = 64

    private struct Name: Hashable {
        let parameter: String
        let form: String
    }

    private let file: MappedBytes
    private let entries: [Name: Entry]
    private let verified = Mutex<[Name: Bool]>([:])
    private let hasMissed = Atomic(false)

    /// The name of the file for the current engine.
    public static var fileName: String {
        "packed-\(Engine.current.instructionSet.rawValue)-v\(layoutVersion).cache"
    }

    /// Maps a file, or fails if it is missing, damaged or belongs to other weights.
    init?(_ url: URL, key: Key) {
        guard let file = MappedBytes(url), let header = Self.header(of: file.bytes), header.key == key else {
            return nil
        }
        self.file = file
        var entries: [Name: Entry] = [:]
        for entry in header.entries {
            let (byteCount, overflow) = entry.count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
            guard entry.count > 0, !overflow, entry.offset >= 0, entry.offset % Self.alignment == 0,
                entry.offset <= file.bytes.count, byteCount <= file.bytes.count - entry.offset
            else { return nil }
            entries[Name(parameter: entry.parameter, form: entry.form)] = entry
        }
        self.entries = entries
    }

    private static func header(of bytes: UnsafeRawBufferPointer) -> Header? {
        guard bytes.count >= prefixLength, bytes.prefix(8).elementsEqual(magic) else { return nil }
        let length = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        let total = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        guard total == UInt64(bytes.count), length <= UInt64(bytes.count - prefixLength) else { return nil }
        let json = bytes[prefixLength..<prefixLength + Int(length)]
        guard SHA256.hexDigest(of: json).utf8.elementsEqual(bytes[24..<24 + 64]) else { return nil }
        return try? JSONDecoder().decode(Header.self, from: Data(json))
    }

    /// Whether something was asked for that the file does not have, or has only damaged.
    var isIncomplete: Bool { hasMissed.load(ordering: .relaxed) }

    /// The stored data of a form of a parameter, or nil if there is none or it is damaged.
    public func packedData(parameter: String, form: String) -> Tensor? {
        let name = Name(parameter: parameter, form: form)
        guard let entry = entries[name], let base = file.bytes.baseAddress else {
            hasMissed.store(true, ordering: .relaxed)
            return nil
        }
        let isIntact = verified.withLock { verified in
            if let known = verified[name] { return known }
            let byteCount = entry.count * MemoryLayout<Float>.stride
            let data = UnsafeRawBufferPointer(rebasing: file.bytes[entry.offset..<entry.offset + byteCount])
            let result = Self.checksum(data) == entry.checksum
            verified[name] = result
            return result
        }
        guard isIntact else {
            hasMissed.store(true, ordering: .relaxed)
            return nil
        }
        let pointer = (base + entry.offset).assumingMemoryBound(to: Float.self)
        return Tensor(viewing: pointer, shape: [entry.count], owner: file)
    }

    /// A checksum that runs at the speed of memory: four multiplicative chains over the 64-bit words.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let factor: UInt64 = 0x9e37_79b9_7f4a_7c15
        var a: UInt64 = 1
        var b: UInt64 = 2
        var c: UInt64 = 3
        var d: UInt64 = 4
        let whole = bytes.count / 32 * 32
        var offset = 0
        while offset < whole {
            a = (a ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* factor
            b = (b ^ bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)) &* factor
            c = (c ^ bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self)) &* factor
            d = (d ^ bytes.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self)) &* factor
            // The low bits of a product depend on low bits alone; the rotation brings the high ones down.
            a = a << 23 | a >> 41
            b = b << 23 | b >> 41
            c = c << 23 | c >> 41
            d = d << 23 | d >> 41
            offset += 32
        }
        while offset < bytes.count {
            a = (a ^ UInt64(bytes[offset])) &* factor
            offset += 1
        }
        return [b, c, d].reduce(a) { ($0 << 17 | $0 >> 47) ^ $1 &* factor }
    }
}
