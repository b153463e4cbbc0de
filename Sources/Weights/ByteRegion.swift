import Foundation

/// Bytes that somebody keeps alive: part of a mapped file, or memory of their own.
public struct ByteRegion: @unchecked Sendable {
    /// The first byte.
    public let base: UnsafeRawPointer
    /// The number of bytes.
    public let count: Int
    /// What keeps the bytes alive.
    public let owner: any AnyObject & Sendable

    /// A region of bytes that `owner` keeps alive.
    public init(base: UnsafeRawPointer, count: Int, owner: any AnyObject & Sendable) {
        self.base = base
        self.count = count
        self.owner = owner
    }

    /// A copy of bytes.
    public init(copying bytes: some Collection<UInt8>) {
        let memory = OwnedBytes(count: bytes.count)
        var index = 0
        for byte in bytes {
            memory.pointer.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            index += 1
        }
        self.init(base: UnsafeRawPointer(memory.pointer), count: bytes.count, owner: memory)
    }

    /// The part from `offset`, or nil if it does not lie inside.
    public func slice(_ offset: Int, _ length: Int) -> ByteRegion? {
        guard offset >= 0, length >= 0, offset <= count, length <= count - offset else { return nil }
        return ByteRegion(base: base + offset, count: length, owner: owner)
    }

    /// The bytes.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// A little-endian integer at `offset`, or nil if it does not lie inside.
    func integer<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T? {
        guard offset >= 0, offset <= count, MemoryLayout<T>.size <= count - offset else { return nil }
        return T(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}

/// Memory of our own.
final class OwnedBytes: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    let count: Int

    init(count: Int) {
        pointer = .allocate(byteCount: max(count, 1), alignment: 64)
        self.count = count
    }

    deinit { pointer.deallocate() }

    var region: ByteRegion { ByteRegion(base: UnsafeRawPointer(pointer), count: count, owner: self) }
}
