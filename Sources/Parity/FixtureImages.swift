import Images
import Weights

/// Recorded 8-bit images.
enum FixtureImages {
    /// An image `[height, width, 3]`.
    static func image(_ name: String, in archive: FixtureArchive) throws -> Image8 {
        let size = try size(of: name, in: archive)
        return Image8(height: size.height, width: size.width, bytes: try archive.array(name).bytes())
    }

    /// Images `[count, height, width, 3]`.
    static func list(_ name: String, in archive: FixtureArchive) throws -> [Image8] {
        let array = try archive.array(name)
        let shape = array.shape
        guard shape.count == 4, shape[1] > 0, shape[2] > 0, shape[3] == 3 else {
            throw ParityError(.malformed, "\(archive.file): \(name)", "shape \(shape) is not a list of images")
        }
        let (bytes, size) = (try array.bytes(), shape[1] * shape[2] * 3)
        return (0..<shape[0]).map { index in
            Image8(height: shape[1], width: shape[2], bytes: Array(bytes[index * size..<(index + 1) * size]))
        }
    }

    /// The size of an image `[height, width, 3]`.
    static func size(of name: String, in archive: FixtureArchive) throws -> (height: Int, width: Int) {
        let shape = try archive.array(name).shape
        guard shape.count == 3, shape[0] > 0, shape[1] > 0, shape[2] == 3 else {
            throw ParityError(.malformed, "\(archive.file): \(name)", "shape \(shape) is not an image")
        }
        return (shape[0], shape[1])
    }
}
