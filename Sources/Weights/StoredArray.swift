/// An array as a file holds it: typed bytes with a shape and strides, converted only when asked for.
public struct StoredArray: Sendable {
    /// The type of the elements.
    public let type: ElementType
    /// The extent of every axis; empty for a scalar.
    public let shape: [Int]
    /// The distance between neighbours along every axis, in elements.
    public let strides: [Int]
    /// Whether the bytes of an element are stored most significant first.
    public let isBigEndian: Bool
    /// The bytes, from the first element on.
    public let region: ByteRegion

    /// An array over `region`.
    ///
    /// - Parameters:
    ///   - strides: in elements; by default row-major.
    ///   - subject: the name for error messages.
    /// - Throws: `damaged` if an element lies outside the region, `tooLarge` if the size overflows.
    public init(
        type: ElementType,
        shape: [Int],
        strides: [Int]? = nil,
        isBigEndian: Bool = false,
        region: ByteRegion,
        subject: String
    ) throws(WeightsError) {
        let count = try Self.count(of: shape, subject: subject)
        let strides = strides ?? Self.rowMajorStrides(shape)
        guard strides.count == shape.count, strides.allSatisfy({ $0 >= 0 }) else {
            throw WeightsError(.damaged, subject, "has strides \(strides) for shape \(shape)")
        }
        if count > 0 {
            var last = 0
            for (extent, stride) in zip(shape, strides) {
                let (span, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
                let (sum, overflow2) = last.addingReportingOverflow(span)
                guard !overflow, !overflow2 else { throw WeightsError(.tooLarge, subject, "overflows") }
                last = sum
            }
            guard last < region.count / type.size else {
                throw WeightsError(
                    .damaged,
                    subject,
                    "of shape \(shape) needs \(last + 1) elements, the file has \(region.count / type.size)"
                )
            }
        }
        self.type = type
        self.shape = shape
        self.strides = strides
        self.isBigEndian = isBigEndian
        self.region = region
    }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// Whether the elements lie one behind the other in row-major order.
    public var isContiguous: Bool {
        count <= 1 || zip(shape, zip(strides, Self.rowMajorStrides(shape))).allSatisfy { $0 == 1 || $1.0 == $1.1 }
    }

    /// The elements without a copy, if they are contiguous, aligned float32 in this machine's byte order.
    public var float32Pointer: UnsafePointer<Float>? {
        guard type == .float32, !isBigEndian, isContiguous, Int(bitPattern: region.base) % 4 == 0 else { return nil }
        return region.base.assumingMemoryBound(to: Float.self)
    }

    /// The elements as float32, in row-major order.
    public func floats() -> [Float] {
        if let pointer = float32Pointer { return Array(UnsafeBufferPointer(start: pointer, count: count)) }
        return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
            forEachElement { index, address in buffer.initializeElement(at: index, to: Float(number(at: address))) }
            filled = count
        }
    }

    /// The elements as float64, in row-major order.
    public func doubles() -> [Double] {
        [Double](unsafeUninitializedCapacity: count) { buffer, filled in
            forEachElement { index, address in buffer.initializeElement(at: index, to: number(at: address)) }
            filled = count
        }
    }

    /// The elements as integers, in row-major order.
    ///
    /// Throws `unsupported` for floating-point arrays.
    public func integers() throws(WeightsError) -> [Int] {
        guard !type.isFloatingPoint else {
            throw WeightsError(.unsupported, "array", "holds \(type.rawValue), where integers are expected")
        }
        return [Int](unsafeUninitializedCapacity: count) { buffer, filled in
            forEachElement { index, address in buffer.initializeElement(at: index, to: integer(at: address)) }
            filled = count
        }
    }

    /// The elements as bytes, in row-major order.
    ///
    /// Throws `unsupported` unless they are 8-bit.
    public func bytes() throws(WeightsError) -> [UInt8] {
        guard type.size == 1 else {
            throw WeightsError(.unsupported, "array", "holds \(type.rawValue), where bytes are expected")
        }
        if isContiguous { return Array(region.bytes[0..<count]) }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            forEachElement { index, address in
                buffer.initializeElement(at: index, to: address.loadUnaligned(as: UInt8.self))
            }
            filled = count
        }
    }

    static func count(of shape: [Int], subject: String) throws(WeightsError) -> Int {
        guard shape.count <= 64 else { throw WeightsError(.tooLarge, subject, "has \(shape.count) axes") }
        var count = 1
        for extent in shape {
            guard extent >= 0 else { throw WeightsError(.damaged, subject, "has shape \(shape)") }
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow, product <= 1 << 48 else { throw WeightsError(.tooLarge, subject, "has shape \(shape)") }
            count = product
        }
        return count
    }

    static func rowMajorStrides(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in stride(from: shape.count - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * max(shape[axis + 1], 1)
        }
        return strides
    }

    /// Visits the addresses of all elements in row-major order.
    private func forEachElement(_ body: (Int, UnsafeRawPointer) -> Void) {
        let size = type.size
        guard count > 0 else { return }
        if isContiguous {
            for index in 0..<count { body(index, region.base + index * size) }
            return
        }
        var position = [Int](repeating: 0, count: shape.count)
        var offset = 0
        for index in 0..<count {
            body(index, region.base + offset * size)
            var axis = shape.count - 1
            while axis >= 0 {
                position[axis] += 1
                offset += strides[axis]
                if position[axis] < shape[axis] { break }
                offset -= strides[axis] * shape[axis]
                position[axis] = 0
                axis -= 1
            }
        }
    }

    private func load<T: FixedWidthInteger>(_ type: T.Type, _ address: UnsafeRawPointer) -> T {
        let raw = address.loadUnaligned(as: T.self)
        return isBigEndian ? T(bigEndian: raw) : T(littleEndian: raw)
    }

    private func number(at address: UnsafeRawPointer) -> Double {
        switch type {
        case .float64: Double(bitPattern: load(UInt64.self, address))
        case .float32: Double(Float(bitPattern: load(UInt32.self, address)))
        case .float16: Double(Self.widenHalf(load(UInt16.self, address)))
        case .bfloat16: Double(Float(bitPattern: UInt32(load(UInt16.self, address)) << 16))
        case .uint64: Double(load(UInt64.self, address))
        default: Double(integer(at: address))
        }
    }

    private func integer(at address: UnsafeRawPointer) -> Int {
        switch type {
        case .int64, .float64: Int(load(Int64.self, address))
        case .int32, .float32: Int(load(Int32.self, address))
        case .int16, .float16, .bfloat16: Int(load(Int16.self, address))
        case .int8: Int(load(Int8.self, address))
        case .uint64: Int(truncatingIfNeeded: load(UInt64.self, address))
        case .uint32: Int(load(UInt32.self, address))
        case .uint16: Int(load(UInt16.self, address))
        case .uint8, .bool: Int(load(UInt8.self, address))
        }
    }

    /// IEEE binary16 to binary32; written out because `Float16` is missing on some platforms.
    private static func widenHalf(_ bits: UInt16) -> Float {
        let sign: Float = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10) & 31
        let fraction = Float(bits & 0x3ff)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
        }
    }
}
