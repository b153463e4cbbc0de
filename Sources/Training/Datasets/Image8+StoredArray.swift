import Images
import Weights

extension Image8 {
    /// An image whose channels are equal.
    init(height: Int, width: Int, grey: ArraySlice<UInt8>) {
        let bytes = grey.withUnsafeBufferPointer { grey in
            [UInt8](unsafeUninitializedCapacity: grey.count * 3) { bytes, count in
                count = grey.count * 3
                for index in 0..<count { bytes[index] = grey[index / 3] }
            }
        }
        self.init(height: height, width: width, bytes: bytes)
    }

    /// The images of an array `[count, height, width, 3]`, or `[count, height, width]` of grey ones, of values in 0…255,
    /// or in 0…1 if none exceeds 1.
    /// - Throws: `DatasetError`.
    static func images(_ array: StoredArray, name: String) throws -> [Image8] {
        let shape = array.shape
        let isGrey = shape.count == 3
        guard isGrey || shape.count == 4 && shape[3] == 3, shape[1] > 0, shape[2] > 0 else {
            throw DatasetError(.malformed, name, "shape \(shape) is not a list of grey or RGB images")
        }
        let bytes = try levels(array, name: name)
        let size = shape[1] * shape[2] * (isGrey ? 1 : 3)
        return (0..<shape[0]).map { index in
            let part = bytes[index * size..<(index + 1) * size]
            return isGrey
                ? Image8(height: shape[1], width: shape[2], grey: part)
                : Image8(height: shape[1], width: shape[2], bytes: Array(part))
        }
    }

    /// The image of an array `[height, width, 3]` of such values.
    /// - Throws: `DatasetError`.
    static func image(_ array: StoredArray, name: String) throws -> Image8 {
        let shape = array.shape
        guard shape.count == 3, shape[0] > 0, shape[1] > 0, shape[2] == 3 else {
            throw DatasetError(.malformed, name, "shape \(shape) is not an RGB image")
        }
        return Image8(height: shape[0], width: shape[1], bytes: try levels(array, name: name))
    }

    private static func levels(_ array: StoredArray, name: String) throws -> [UInt8] {
        if array.type == .uint8 {
            let bytes = try array.bytes()
            if bytes.contains(where: { $0 > 1 }) { return bytes }
        }
        let values = array.floats()
        guard values.allSatisfy(\.isFinite) else {
            throw DatasetError(.malformed, name, "a value of an image is not finite")
        }
        let scale: Float = values.allSatisfy { $0 <= 1 } ? 255 : 1
        return values.map { value in
            let level = (value * scale).rounded()
            return level > 0 ? UInt8(min(level, 255)) : 0
        }
    }
}
