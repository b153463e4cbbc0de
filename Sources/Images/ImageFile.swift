import Foundation

/// Image files of the formats that are read.
public enum ImageFile {
    /// The largest number of pixels that is read unless the caller says otherwise.
    public static let defaultPixelLimit = 1 << 26

    /// A format.
    public enum Format: String, Sendable, CaseIterable {
        /// Portable Network Graphics.
        case png
        /// JPEG.
        case jpeg

        /// The format whose signature the bytes begin with.
        public init?(signature bytes: some Collection<UInt8>) {
            if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
                self = .png
            } else if bytes.starts(with: [0xff, 0xd8, 0xff]) {
                self = .jpeg
            } else {
                return nil
            }
        }

        /// What files of the format are called, in lower case.
        public var extensions: [String] {
            switch self {
            case .png: ["png"]
            case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
            }
        }
    }

    /// Reads a file of any of the formats, whatever it is called.
    /// - Parameter pixelLimit: the largest number of pixels for which memory is allocated.
    /// - Throws: `ImageError`; `unsupported` for a file of another format.
    public static func read(_ url: URL, pixelLimit: Int = defaultPixelLimit) throws -> Image8 {
        let data = try content(url)
        switch Format(signature: data.prefix(8)) {
        case .png: return try PNG.decode(data, name: url.path, pixelLimit: pixelLimit)
        case .jpeg: return try JPEG.decode(data, name: url.path, pixelLimit: pixelLimit)
        case nil: throw ImageError(.unsupported, url.path, "neither a PNG nor a JPEG image")
        }
    }

    static func content(_ url: URL) throws -> Data {
        do {
            // What would block or never end is refused.
            let values = try url.resolvingSymlinksInPath().resourceValues(forKeys: [.isRegularFileKey])
            guard values.isRegularFile == true else { throw ImageError(.unreadable, url.path, "it is not a file") }
            return try Data(contentsOf: url, options: .mappedIfSafe)
        } catch let error as ImageError {
            throw error
        } catch {
            throw ImageError(.unreadable, url.path, "the file cannot be read: \(error.localizedDescription)")
        }
    }
}
