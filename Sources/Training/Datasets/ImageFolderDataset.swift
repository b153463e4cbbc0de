import Foundation
import Images

/// A folder of PNG and JPEG images, in subfolders named for their classes or all in the folder itself.
public struct ImageFolderDataset: Sendable {
    /// What is read, and how.
    public struct Options: Sendable, Equatable {
        /// Where given, images become squares of this side: the shorter side is resampled to it and the middle cut out.
        public var side: Int?
        /// How images are resampled, as Pillow does it.
        public var filter = ResamplingFilter.bicubic
        /// The largest number of pixels of an image before it is resampled.
        public var pixelLimit = ImageFile.defaultPixelLimit
        /// The most bytes that all images may take together.
        public var memoryLimit = 8 << 30

        /// Images as they are.
        public init() {}
    }

    /// A file that was not read.
    public struct IgnoredFile: Sendable, Equatable, CustomStringConvertible {
        /// Its path in the folder.
        public let path: String
        /// Why it was not.
        public let reason: String

        /// The path, then the reason.
        public var description: String { "\(path): \(reason)" }
    }

    /// The images, sorted by class and path; their names are their paths in the folder.
    public let stimuli: StimulusSet
    /// What else there is in the folder, for the user to see that nothing is missing.
    public let ignored: [IgnoredFile]

    /// Reads a folder.
    ///
    /// The class of an image is the subfolder that it is in, however deep; classes are sorted. Links to files and folders
    /// are followed, but no folder is read twice.
    /// - Throws: `DatasetError` for a folder with no images, or with images beside subfolders of images; `ImageError` for
    ///   a damaged image, or a file called like an image that is none.
    public init(contentsOf folder: URL, options: Options = Options()) throws {
        precondition(options.side ?? 1 > 0, "An image of side \(options.side ?? 0) has no pixels.")
        var listing = ImageFolderListing()
        try listing.add(folder)
        guard !listing.files.isEmpty else {
            throw DatasetError(.unreadable, folder.path, "there are no PNG or JPEG images in it")
        }
        let classNames = try Self.classNames(listing, folder)
        let positions = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($0.element, $0.offset) })
        var images: [Image8] = []
        var bytes = 0
        for path in listing.files {
            let image = try Self.image(folder.appendingPathComponent(path), options)
            bytes += image.bytes.count
            guard bytes <= options.memoryLimit else {
                throw DatasetError(
                    .unreadable,
                    folder.path,
                    "its \(listing.files.count) images take more than \(options.memoryLimit >> 20) MiB; give a smaller side"
                )
            }
            images.append(image)
        }
        stimuli = StimulusSet(
            images: images,
            names: listing.files,
            classes: classNames.isEmpty ? [] : listing.files.compactMap { positions[ImageFolderListing.topFolder($0)] },
            classNames: classNames
        )
        ignored = listing.ignored
    }

    /// The classes, sorted; none where all images are in the folder itself.
    private static func classNames(_ listing: ImageFolderListing, _ folder: URL) throws -> [String] {
        let names = Set(listing.files.map(ImageFolderListing.topFolder))
        guard names != [""] else { return [] }
        if let loose = listing.files.first(where: { ImageFolderListing.topFolder($0).isEmpty }) {
            throw DatasetError(
                .inconsistent,
                folder.path,
                "\(loose) is in no subfolder, but others are; put all images into subfolders or none"
            )
        }
        if let empty = listing.topFolders.first(where: { !names.contains($0) }) {
            let path = folder.appendingPathComponent(empty).path
            throw DatasetError(.inconsistent, path, "a class without images; remove the folder or fill it")
        }
        return names.sorted()
    }

    private static func image(_ url: URL, _ options: Options) throws -> Image8 {
        let image = try ImageFile.read(url, pixelLimit: options.pixelLimit)
        guard let side = options.side else { return image }
        let (shorter, longer) = (min(image.height, image.width), max(image.height, image.width))
        guard side <= options.pixelLimit / side, longer / shorter < options.pixelLimit / (side * side) else {
            throw ImageError(
                .tooLarge,
                url.path,
                "\(image.width)×\(image.height) pixels, the shorter side resampled to \(side), exceed the limit"
            )
        }
        return image.resized(shorterSide: side, filter: options.filter).centreCropped(height: side, width: side)
    }
}

/// The files in a folder and its subfolders, by their paths in it.
struct ImageFolderListing {
    private(set) var files: [String] = []
    private(set) var topFolders: [String] = []
    private(set) var ignored: [ImageFolderDataset.IgnoredFile] = []
    private var seen: Set<String> = []

    /// Adds what is in a folder; `path` is its own path in the first one.
    mutating func add(_ folder: URL, path: String = "") throws {
        // What a link leads to has one name here, however it was reached.
        guard seen.insert(folder.resolvingSymlinksInPath().path).inserted else {
            return ignore(path, "a link to a folder that is read already")
        }
        for name in try DatasetFile.names(in: folder) {
            let child = path.isEmpty ? name : "\(path)/\(name)"
            let url = folder.appendingPathComponent(name)
            let values = try? url.resolvingSymlinksInPath().resourceValues(forKeys: [
                .isDirectoryKey, .isRegularFileKey,
            ])
            if values?.isDirectory == true {
                if path.isEmpty { topFolders.append(name) }
                try add(url, path: child)
            } else if values?.isRegularFile == true {
                try addFile(url, path: child)
            } else {
                ignore(child, "a link to nothing, or no file")
            }
        }
    }

    /// The subfolder of the first folder that a path leads into, or nothing.
    static func topFolder(_ path: String) -> String {
        path.firstIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    private mutating func addFile(_ url: URL, path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: url.path) else {
            throw DatasetError(.unreadable, url.path, "the file cannot be opened")
        }
        defer { try? handle.close() }
        let front = (try? handle.read(upToCount: 8)) ?? Data()
        if ImageFile.Format(signature: front) != nil {
            files.append(path)
        } else if ImageFile.Format.allCases.contains(where: { $0.extensions.contains(url.pathExtension.lowercased()) })
        {
            throw ImageError(.malformed, url.path, "it is called an image, but is neither a PNG nor a JPEG image")
        } else {
            ignore(path, "neither a PNG nor a JPEG image")
        }
    }

    private mutating func ignore(_ path: String, _ reason: String) {
        ignored.append(.init(path: path, reason: reason))
    }
}
