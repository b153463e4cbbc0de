import CPNG
import Foundation

/// Portable Network Graphics, through libpng's simplified interface.
public enum PNG {
    /// Reads a file.
    /// - Parameter pixelLimit: the largest number of pixels for which memory is allocated.
    /// - Throws: `ImageError`.
    public static func read(_ url: URL, pixelLimit: Int = ImageFile.defaultPixelLimit) throws -> Image8 {
        try decode(ImageFile.content(url), name: url.path, pixelLimit: pixelLimit)
    }

    /// Decodes an image.
    ///
    /// Grey and palette images become RGB, 16-bit samples 8-bit ones, an alpha channel is dropped, not blended, and what
    /// the file says about colour space is ignored: the same pixels as Pillow's `convert("RGB")` gives for 8-bit files.
    /// - Parameters:
    ///   - name: what errors call the image.
    ///   - pixelLimit: the largest number of pixels for which memory is allocated.
    /// - Throws: `ImageError`.
    public static func decode(
        _ data: Data,
        name: String,
        pixelLimit: Int = ImageFile.defaultPixelLimit
    ) throws -> Image8 {
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        defer { png_image_free(&image) }
        return try withoutColourSpace(data).withUnsafeBytes { (source: UnsafeRawBufferPointer) in
            guard let start = source.baseAddress, source.count > 8 else {
                throw ImageError(.malformed, name, "\(source.count) bytes are not a PNG image")
            }
            guard png_image_begin_read_from_memory(&image, start, source.count) != 0 else {
                throw ImageError(.malformed, name, "not a PNG image: \(image.text)")
            }
            let (height, width) = (Int(image.height), Int(image.width))
            guard height > 0, width > 0, height <= pixelLimit / width else {
                throw ImageError(.tooLarge, name, "\(width)×\(height) pixels are more than the limit of \(pixelLimit)")
            }
            // A 16-bit file without a gamma is displayed as it is, like an 8-bit one.
            image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
            image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR) | png_uint_32(PNG_FORMAT_FLAG_ALPHA)
            var pixels = [UInt8](repeating: 0, count: height * width * 4)
            guard png_image_finish_read(&image, nil, &pixels, png_int_32(width * 4), nil) != 0 else {
                throw ImageError(.malformed, name, "damaged PNG image: \(image.text)")
            }
            return Image8(height: height, width: width, bytes: withoutAlpha(pixels))
        }
    }

    /// The file less the chunks that would make libpng change the values of pixels.
    private static func withoutColourSpace(_ data: Data) -> Data {
        let bytes = [UInt8](data)
        let ignored: Set<[UInt8]> = Set(["gAMA", "cHRM", "iCCP", "sRGB"].map { Array($0.utf8) })
        var result = Data(bytes.prefix(8))
        var start = 8
        while start + 12 <= bytes.count {
            let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= bytes.count - start - 12 else { break }
            let end = start + 12 + length
            if !ignored.contains(Array(bytes[start + 4..<start + 8])) { result.append(contentsOf: bytes[start..<end]) }
            start = end
        }
        // What is no chunk is left to libpng to complain about.
        result.append(contentsOf: bytes.dropFirst(start))
        return result
    }

    private static func withoutAlpha(_ pixels: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: pixels.count / 4 * 3) { bytes, count in
            for pixel in 0..<pixels.count / 4 {
                for channel in 0..<3 { bytes[pixel * 3 + channel] = pixels[pixel * 4 + channel] }
            }
            count = pixels.count / 4 * 3
        }
    }

    /// Encodes an image; the same image always gives the same bytes.
    /// - Throws: `ImageError` if the image is larger than the format allows.
    public static func encode(_ source: Image8) throws -> Data {
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
        guard source.bytes.count < 1 << 31 else {
            throw ImageError(.tooLarge, "image", "\(source.width)×\(source.height) pixels are too many for PNG")
        }
        image.height = png_uint_32(source.height)
        image.width = png_uint_32(source.width)
        defer { png_image_free(&image) }
        // Room for incompressible pixels; a second try has the size that the first one asks for.
        var size = source.bytes.count + source.bytes.count / 256 + source.height + 4096
        for _ in 0..<2 {
            var data = Data(count: size)
            let done = data.withUnsafeMutableBytes {
                png_image_write_to_memory(
                    &image,
                    $0.baseAddress,
                    &size,
                    0,
                    source.bytes,
                    png_int_32(source.width * 3),
                    nil
                )
            }
            if done != 0 { return data.prefix(size) }
            if size <= data.count { break }
        }
        throw ImageError(.unwritable, "image", "it cannot be encoded as PNG: \(image.text)")
    }

    /// Writes a file, which appears complete or not at all.
    /// - Throws: `ImageError`.
    public static func write(_ image: Image8, to url: URL) throws {
        let data = try encode(image)
        do {
            try data.write(to: url, options: .atomic)
        } catch {
            throw ImageError(.unwritable, url.path, "the file cannot be written: \(error.localizedDescription)")
        }
    }
}

extension png_image {
    /// The message of the last warning or error.
    fileprivate var text: String {
        withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
