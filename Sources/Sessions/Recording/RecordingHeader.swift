import CHDF5
import CHDF5Shim
import HDF5
import Neuroimaging

/// What a recording claims, checked; used only inside of ``HDF5Library/exclusively(_:)``.
struct RecordingHeader {
    let description: RecordingDescription
    /// The volumes that all data sets have room for.
    let places: Int
    private let file: hid_t
    private let path: String

    init(file: hid_t, path: String, size: Int, largestVolume: Int) throws(SessionError) {
        (self.file, self.path) = (file, path)
        let attributes = HDF5Attributes(object: file, path: path)
        guard try attributes.text("format") == "percept recording" else {
            throw SessionError(.damaged, path, "is an HDF5 file, but no recording")
        }
        let version: [Int64] = try attributes.numbers("format_version", .int64, count: 1)
        guard version == [RecordingLayout.version] else {
            throw SessionError(.inconsistent, path, "has version \(version[0]); a later program can read it")
        }
        let time: [Double] = try attributes.numbers("repetition_time", .float64, count: 1)
        let matrix: [Double] = try attributes.numbers("affine", .float64, count: 16)
        let affine = Affine(numbers: Array(matrix[..<12]))
        guard affine.isUsable, Array(matrix[12...]) == [0, 0, 0, 1] else {
            throw SessionError(.damaged, path, "has the affine \(matrix), which is no map of voxels")
        }
        let volumes = try Self.volumes(file, path, affine, size: size, largestVolume: largestVolume)
        var places = volumes.places
        for column in RecordedColumn.allCases {
            let set = try Self.open(column.rawValue, file, path)
            let extent = try Self.extent(set, path)
            guard extent.count == 1 else { throw SessionError(.damaged, path, "\(column.rawValue) is no list") }
            try Self.check(set, path, column.dataType, chunkBytes: 1 << 20)
            places = min(places, extent[0])
        }
        self.places = places
        description = RecordingDescription(
            session: try attributes.text("session"),
            run: try attributes.text("run"),
            repetitionTime: time[0],
            grid: volumes.grid,
            dataType: volumes.dataType
        )
    }

    /// The first numbers of a column.
    func column<Number: BitwiseCopyable & ExpressibleByIntegerLiteral>(
        _ column: RecordedColumn,
        count: Int
    ) throws(SessionError) -> [Number] {
        precondition(MemoryLayout<Number>.stride == column.dataType.size, "a column is read as it is stored")
        guard count > 0 else { return [] }
        let set = try Self.open(column.rawValue, file, path)
        let type = try HDF5Handle(column.dataType.makeHDF5Type(), path, close: H5Tclose)
        let space = try HDF5Handle(H5Dget_space(set.id), path, close: H5Sclose)
        let memory = try HDF5Handle(H5Screate_simple(1, [hsize_t(count)], nil), path, close: H5Sclose)
        var numbers = [Number](repeating: 0, count: count)
        guard H5Sselect_hyperslab(space.id, H5S_SELECT_SET, [0], nil, [hsize_t(count)], nil) >= 0,
            H5Dread(set.id, type.id, memory.id, space.id, percept_h5_default(), &numbers) >= 0
        else { throw SessionError(.damaged, path, HDF5Library.complaint()) }
        return numbers
    }

    private static func volumes(
        _ file: hid_t,
        _ path: String,
        _ affine: Affine,
        size: Int,
        largestVolume: Int
    ) throws(SessionError) -> (grid: VoxelGrid, dataType: NIfTIDataType, places: Int) {
        let set = try open(RecordingLayout.volumes, file, path)
        let extent = try extent(set, path)
        guard extent.count == 4, extent[1...].allSatisfy({ $0 > 0 }) else {
            throw SessionError(.damaged, path, "the volumes have the extent \(extent)")
        }
        let type = try HDF5Handle(H5Dget_type(set.id), path, close: H5Tclose)
        var known: NIfTIDataType?
        for candidate in NIfTIDataType.allCases where candidate.isScalar {
            let number = try HDF5Handle(candidate.makeHDF5Type(), path, close: H5Tclose)
            if H5Tequal(type.id, number.id) > 0 { known = candidate }
        }
        guard let dataType = known else { throw SessionError(.damaged, path, "the voxels are of an unknown type") }
        var bytes = dataType.size
        for axis in extent[1...] {
            let (product, isTooLarge) = bytes.multipliedReportingOverflow(by: axis)
            guard !isTooLarge, product <= largestVolume else {
                throw SessionError(
                    .damaged,
                    path,
                    "claims volumes of \(extent[3])×\(extent[2])×\(extent[1]) voxels, more than \(largestVolume) bytes"
                )
            }
            bytes = product
        }
        let isCompressed = try check(set, path, dataType, chunk: [1] + extent[1...].map { hsize_t($0) })
        // Deflate makes nothing smaller than by 1032. A killed writer may have made room for a few more.
        let most = (isCompressed ? size / max(1, bytes / 1032) : size / bytes) + 64
        guard extent[0] <= most else {
            throw SessionError(.damaged, path, "claims \(extent[0]) volumes, but has only \(size) bytes")
        }
        let grid = VoxelGrid(shape: [extent[3], extent[2], extent[1]], affine: affine)
        return (grid, dataType, extent[0])
    }

    private static func open(_ name: String, _ file: hid_t, _ path: String) throws(SessionError) -> HDF5Handle {
        // A link elsewhere would let a file say to read another one.
        var link = H5L_info_t()
        guard H5Lget_info(file, name, &link, percept_h5_default()) >= 0, link.type == H5L_TYPE_HARD else {
            _ = HDF5Library.complaint()
            throw SessionError(.damaged, path, "has no data set \(name)")
        }
        return try HDF5Handle(H5Dopen2(file, name, percept_h5_default()), path, close: H5Dclose)
    }

    private static func extent(_ set: borrowing HDF5Handle, _ path: String) throws(SessionError) -> [Int] {
        let space = try HDF5Handle(H5Dget_space(set.id), path, close: H5Sclose)
        let rank = H5Sget_simple_extent_ndims(space.id)
        guard (1...4).contains(rank) else { throw SessionError(.damaged, path, "has a data set of \(rank) axes") }
        var extent = [hsize_t](repeating: 0, count: Int(rank))
        guard H5Sget_simple_extent_dims(space.id, &extent, nil) == rank, extent.allSatisfy({ $0 <= Int32.max }) else {
            throw SessionError(.damaged, path, "has a data set of the extent \(extent)")
        }
        return extent.map { Int($0) }
    }

    /// Checks how a data set is stored; returns whether it is compressed.
    @discardableResult
    private static func check(
        _ set: borrowing HDF5Handle,
        _ path: String,
        _ dataType: NIfTIDataType,
        chunk expected: [hsize_t]? = nil,
        chunkBytes: Int = .max
    ) throws(SessionError) -> Bool {
        let wrong = SessionError(.damaged, path, "has a data set that is not stored as a recording's are")
        let type = try HDF5Handle(H5Dget_type(set.id), path, close: H5Tclose)
        let known = try HDF5Handle(dataType.makeHDF5Type(), path, close: H5Tclose)
        let properties = try HDF5Handle(H5Dget_create_plist(set.id), path, close: H5Pclose)
        guard H5Tequal(type.id, known.id) > 0, H5Pget_layout(properties.id) == H5D_CHUNKED else { throw wrong }
        var chunk = [hsize_t](repeating: 0, count: 4)
        let rank = H5Pget_chunk(properties.id, 4, &chunk)
        guard (1...4).contains(rank) else { throw wrong }
        chunk = Array(chunk.prefix(Int(rank)))
        if let expected { guard chunk == expected else { throw wrong } }
        guard chunk[0] > 0, chunk[0] <= hsize_t(chunkBytes / dataType.size) else { throw wrong }
        let filters = H5Pget_nfilters(properties.id)
        guard (0...2).contains(filters) else { throw wrong }
        for place in 0..<filters {
            var (flags, settings, count) = (UInt32(0), [UInt32](repeating: 0, count: 8), 8)
            let filter = H5Pget_filter2(properties.id, UInt32(place), &flags, &count, &settings, 0, nil, nil)
            guard filter == percept_h5_filter_deflate() || filter == percept_h5_filter_shuffle() else { throw wrong }
        }
        return filters > 0
    }
}
