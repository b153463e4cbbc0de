import Synchronization

/// The file that was read last, so that an enhanced file with many volumes is not read again for each.
final class LastDICOMImage: Sendable {
    private let last: Mutex<(path: String, image: DICOMImage)?> = Mutex(nil)

    /// The image of a file; it is kept if it has several frames.
    func image(_ path: String) throws(NeuroimagingError) -> DICOMImage {
        if let kept = last.withLock({ $0 }), kept.path == path { return kept.image }
        let image = try DICOMImage(try DICOMFolder.bytes(of: path))
        if image.header.frames.count > 1 { last.withLock { $0 = (path, image) } }
        return image
    }
}
