import Foundation
import Tensors

extension Tensor {
    /// The array as a tensor: a view of its memory where that holds contiguous float32, else a converted copy.
    ///
    /// When the last view of a large array of a mapped file goes away, its pages are given back to the system, so that
    /// weights which only pass through memory, to be packed, do not stay in it.
    public init(_ array: StoredArray) {
        if let pointer = array.float32Pointer {
            let owner: any AnyObject & Sendable = MappedPages(array) ?? array.region.owner
            self.init(viewing: pointer, shape: array.shape, owner: owner)
        } else {
            self.init(array.floats(), shape: array.shape)
        }
    }
}

/// The pages of a mapped file that lie wholly inside an array.
private final class MappedPages: Sendable {
    private let file: MappedFile
    private let start: Int
    private let length: Int

    /// Nil for arrays that are small or not in a mapped file.
    init?(_ array: StoredArray) {
        let byteCount = array.count * array.type.size
        guard byteCount >= 1 << 18, let file = array.region.owner as? MappedFile else { return nil }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let base = Int(bitPattern: array.region.base)
        self.file = file
        start = (base + page - 1) / page * page
        length = (base + byteCount) / page * page - start
    }

    deinit {
        // The file still has the content; the next access would read it again.
        if length > 0 { madvise(UnsafeMutableRawPointer(bitPattern: start), length, MADV_DONTNEED) }
    }
}
