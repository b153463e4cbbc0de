import CJPEGShim
import Foundation

/// Photographs in JPEG, baseline or progressive, through libjpeg.
public enum JPEG {
    /// Reads a file.
    /// - Parameter pixelLimit: the largest number of pixels for which memory is allocated.
    /// - Throws: `ImageError`.
    public static func read(_ url: URL, pixelLimit: Int = ImageFile.defaultPixelLimit) throws -> Image8 {
        try decode(ImageFile.content(url), name: url.path, pixelLimit: pixelLimit)
    }

    /// Decodes an image and turns it the way up that its EXIF orientation asks for.
    ///
    /// Grey images become RGB; what the file says about colour space is ignored: the same pixels as Pillow's
    /// `exif_transpose(image).convert("RGB")` gives. Damaged and missing data are errors, not grey areas.
    /// - Parameters:
    ///   - name: what errors call the image.
    ///   - pixelLimit: the largest number of pixels for which memory is allocated.
    /// - Throws: `ImageError`; `unsupported` for the inks of printing (CMYK).
    public static func decode(
        _ data: Data,
        name: String,
        pixelLimit: Int = ImageFile.defaultPixelLimit
    ) throws -> Image8 {
        var message = [CChar](repeating: 0, count: Int(PERCEPT_JPEG_MESSAGE))
        return try data.withUnsafeBytes { (source: UnsafeRawBufferPointer) in
            guard let start = source.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
                throw ImageError(.malformed, name, "0 bytes are not a JPEG image")
            }
            var header = percept_jpeg_header()
            guard percept_jpeg_read_header(start, source.count, &header, &message) == 0 else {
                throw ImageError(.malformed, name, "not a JPEG image: \(text(message))")
            }
            guard header.is_ink == 0, header.components == 1 || header.components == 3 else {
                throw ImageError(
                    .unsupported,
                    name,
                    header.is_ink != 0
                        ? "it has the colours of print (CMYK); convert it to RGB"
                        : "it has \(header.components) components; convert it to RGB"
                )
            }
            let (height, width) = (Int(header.height), Int(header.width))
            guard height > 0, width > 0, height <= pixelLimit / width else {
                throw ImageError(.tooLarge, name, "\(width)×\(height) pixels are more than the limit of \(pixelLimit)")
            }
            var pixels = [UInt8](repeating: 0, count: height * width * 3)
            guard percept_jpeg_decode(start, source.count, &pixels, pixels.count, &message) == 0 else {
                throw ImageError(.malformed, name, "damaged JPEG image: \(text(message))")
            }
            let image = Image8(height: height, width: width, bytes: pixels)
            return EXIFOrientation(jpeg: source)?.upright(image) ?? image
        }
    }

    private static func text(_ message: [CChar]) -> String {
        String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
