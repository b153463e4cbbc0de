/// An open NIfTI-1 or NIfTI-2 image: `.nii`, or `.hdr` with `.img`, each compressed with gzip or not.
///
/// Volumes are read one at a time; the file is never loaded whole. Reading in order is fastest, because a compressed
/// file can only be read forward.
public final class NIfTIReader {
    /// What the file says of itself.
    public let header: NIfTIHeader
    /// Where the file is.
    public let path: String
    private let source: ByteSource
    private var buffer: [UInt8] = []

    /// Opens an image by the path of its only file, of its header or of its voxels.
    ///
    /// Throws `unreadable`, `truncated`, `malformed`, `unsupported`, or `missing` where half of a pair is.
    public init(path: String) throws(NeuroimagingError) {
        self.path = path
        let headerPath = Self.companion(of: path, from: "img", to: "hdr") ?? path
        let source = try ByteSource(path: headerPath)
        do {
            header = try NIfTIHeader(parsing: source.read(upTo: NIfTIHeader.longestSize))
        } catch {
            throw error.at(headerPath)
        }
        if header.isSingleFile {
            self.source = source
        } else {
            guard let voxels = Self.companion(of: headerPath, from: "hdr", to: "img") else {
                throw NeuroimagingError(.missing, headerPath, "is half of a pair but is not named .hdr; rename it")
            }
            do {
                self.source = try ByteSource(path: voxels)
            } catch {
                throw NeuroimagingError(.missing, headerPath, "needs its voxels in \(voxels), which cannot be opened")
            }
        }
    }

    /// Reads an image that is in memory.
    public init(bytes: [UInt8]) throws(NeuroimagingError) {
        path = "bytes"
        header = try NIfTIHeader(parsing: Array(bytes.prefix(NIfTIHeader.longestSize)))
        guard header.isSingleFile else {
            throw NeuroimagingError(.unsupported, "", "is half of a pair of header and voxels")
        }
        source = ByteSource(bytes: bytes)
    }

    /// Reads a volume, scaled, as the header says.
    ///
    /// Throws `truncated` if the file ends before the volume does, `unsupported` for colours and complex numbers.
    public func volume(_ index: Int) throws(NeuroimagingError) -> Volume {
        guard header.dataType.isScalar else {
            throw NeuroimagingError(.unsupported, path, "holds \(header.dataType), not one real number for each voxel")
        }
        try load(index)
        let voxels = VoxelDecoding.floats(buffer, header.dataType, isBigEndian: header.isBigEndian, header.scaling)
        return Volume(grid: header.grid, voxels: voxels)
    }

    /// Reads a volume's bytes as they are stored.
    public func storedBytes(_ index: Int) throws(NeuroimagingError) -> [UInt8] {
        try load(index)
        return buffer
    }

    private func load(_ index: Int) throws(NeuroimagingError) {
        guard (0..<header.volumes).contains(index) else {
            throw NeuroimagingError(.missing, path, "has \(header.volumes) volumes; number \(index) was asked for")
        }
        let size = header.grid.count * header.dataType.size
        try source.seek(to: header.dataOffset + index * size)
        if buffer.count == size {
            let got = try source.fill(&buffer)
            guard got == size else { throw truncated(index) }
        } else {
            // Until one volume was really there, memory follows what is read.
            buffer = try source.read(upTo: size)
            guard buffer.count == size else { throw truncated(index) }
        }
    }

    private func truncated(_ index: Int) -> NeuroimagingError {
        buffer = []
        return NeuroimagingError(
            .truncated,
            path,
            "ends inside volume \(index + 1) of \(header.volumes); it is damaged or still being written"
        )
    }

    /// The other file of a pair, or nil if the name does not end as one's would.
    private static func companion(of path: String, from old: String, to new: String) -> String? {
        for suffix in ["", ".gz"] where path.lowercased().hasSuffix(".\(old)\(suffix)") {
            let end = path.suffix(old.count + suffix.count)
            let isUpper = end.first?.isUppercase ?? false
            return path.dropLast(end.count) + (isUpper ? new.uppercased() : new) + end.suffix(suffix.count)
        }
        return nil
    }
}
