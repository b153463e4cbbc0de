import CZlib
import Foundation

/// Writes a NIfTI image volume by volume.
///
/// The path says the form: `.nii`, `.nii.gz`, or `.hdr`/`.img` for a pair. Files carry `.partial` at the end of their
/// names until `finish`, so that nobody takes half an image for a whole one.
public final class NIfTIWriter {
    /// What is written at the front.
    public let header: NIfTIHeader
    private let path: String
    private let voxelPath: String
    private var file: gzFile?
    private var written = 0

    /// Creates the file.
    ///
    /// Throws `unwritable`, or `unsupported` if the voxels are not single real numbers.
    public init(path: String, header: NIfTIHeader) throws(NeuroimagingError) {
        var header = header
        let isPair = [".hdr", ".img", ".hdr.gz", ".img.gz"].contains { path.hasSuffix($0) }
        header.isSingleFile = !isPair
        if header.dimensions.contains(where: { $0 > 32767 }) { header.version = 2 }
        header.dataOffset = isPair ? 0 : header.version == 1 ? 352 : 544
        guard header.dataType.isScalar, header.dataType != .float128 else {
            throw NeuroimagingError(.unsupported, path, "voxels of type \(header.dataType) are not written")
        }
        self.header = header
        self.path = isPair ? path.replacing(".img", with: ".hdr") : path
        voxelPath = isPair ? path.replacing(".hdr", with: ".img") : path
        file = try Self.open(voxelPath)
        if !isPair { try put(header.encoded + [0, 0, 0, 0], to: file) }
    }

    deinit {
        if let file {
            gzclose(file)
            unlink(voxelPath + ".partial")
        }
    }

    /// Appends a volume: each value is divided by the slope after subtracting the intercept, rounded and clamped where
    /// integers are stored; not-a-number becomes zero there.
    public func append(_ volume: Volume) throws(NeuroimagingError) {
        guard volume.grid.shape == header.grid.shape else {
            throw NeuroimagingError(
                .inconsistent,
                path,
                "volume of \(volume.grid.shape) in an image of \(header.grid.shape) voxels"
            )
        }
        guard written < header.volumes else {
            throw NeuroimagingError(.inconsistent, path, "more volumes than the \(header.volumes) of the header")
        }
        try put(VoxelEncoding.bytes(volume.voxels, header), to: file)
        written += 1
    }

    /// Appends a volume as it is stored.
    ///
    /// Throws `inconsistent` unless type and scale are the header's, whose bytes are little-endian.
    public func append(_ volume: StoredVolume) throws(NeuroimagingError) {
        guard volume.grid.shape == header.grid.shape, volume.dataType == header.dataType, !header.isBigEndian,
            volume.slope == header.scaling.slope, volume.intercept == header.scaling.intercept
        else {
            throw NeuroimagingError(.inconsistent, path, "a stored volume has another shape, type or scale")
        }
        try append(stored: volume.bytes)
    }

    /// Appends a volume of the stored number 0.
    public func appendZeros() throws(NeuroimagingError) {
        try append(stored: [UInt8](repeating: 0, count: header.grid.count * header.dataType.size))
    }

    private func append(stored bytes: [UInt8]) throws(NeuroimagingError) {
        guard written < header.volumes else {
            throw NeuroimagingError(.inconsistent, path, "more volumes than the \(header.volumes) of the header")
        }
        try put(bytes, to: file)
        written += 1
    }

    /// Completes the image and gives it its name.
    public func finish() throws(NeuroimagingError) {
        guard written == header.volumes else {
            throw NeuroimagingError(.inconsistent, path, "\(written) volumes were written of \(header.volumes)")
        }
        try close(voxelPath)
        if !header.isSingleFile {
            file = try Self.open(path)
            try put(header.encoded, to: file)
            try close(path)
        }
    }

    private func close(_ path: String) throws(NeuroimagingError) {
        guard let open = file else { return }
        file = nil
        guard gzclose(open) == Z_OK, rename(path + ".partial", path) == 0 else {
            unlink(path + ".partial")
            throw NeuroimagingError(.unwritable, path, String(cString: strerror(errno)))
        }
    }

    private static func open(_ path: String) throws(NeuroimagingError) -> gzFile {
        // "T" writes without compression.
        guard let file = gzopen(path + ".partial", path.hasSuffix(".gz") ? "wb1e" : "wbTe") else {
            throw NeuroimagingError(.unwritable, path, String(cString: strerror(errno)))
        }
        return file
    }

    private func put(_ bytes: [UInt8], to file: gzFile?) throws(NeuroimagingError) {
        var done = 0
        while done < bytes.count {
            let count = min(bytes.count - done, 1 << 30)
            let got = bytes.withUnsafeBytes { gzwrite(file, $0.baseAddress.map { $0 + done }, UInt32(count)) }
            guard got > 0 else { throw NeuroimagingError(.unwritable, path, String(cString: strerror(errno))) }
            done += Int(got)
        }
    }
}

extension NIfTIWriter {
    /// Writes one volume.
    public static func write(
        _ volume: Volume,
        to path: String,
        dataType: NIfTIDataType = .float32
    ) throws(NeuroimagingError) {
        let writer = try NIfTIWriter(path: path, header: NIfTIHeader(grid: volume.grid, dataType: dataType))
        try writer.append(volume)
        try writer.finish()
    }
}
