import CHDF5
import CHDF5Shim
import Foundation
import HDF5
import Neuroimaging

/// A recording that is open for writing; every call is made inside of ``HDF5Library/exclusively(_:)``.
// Confined to the thread that holds the library's lock.
final class HDF5File: @unchecked Sendable {
    private let path: String
    private var file: hid_t
    private var volumes: hid_t = -1
    private var columns: [(column: RecordedColumn, id: hid_t)] = []
    private var type: hid_t = -1

    /// Opens a recording in single-writer mode.
    init(writing path: String, _ state: UnsafeMutablePointer<percept_h5_file>) throws(SessionError) {
        self.path = path
        let access = try HDF5Handle(percept_h5_write_access(state), path, close: H5Pclose)
        file = H5Fopen(path, percept_h5_write_flags(), access.id)
        guard file >= 0 else { throw Self.failure(path) }
        // A volume is a chunk: it goes straight to the file.
        let direct = try HDF5Handle(percept_h5_dataset_access(), path, close: H5Pclose)
        guard H5Pset_chunk_cache(direct.id, 0, 0, 1) >= 0 else { throw Self.failure(path) }
        volumes = H5Dopen2(file, RecordingLayout.volumes, direct.id)
        guard volumes >= 0 else { throw Self.failure(path) }
        type = H5Dget_type(volumes)
        for column in RecordedColumn.allCases {
            columns.append((column, H5Dopen2(file, column.rawValue, percept_h5_default())))
        }
        guard type >= 0, columns.allSatisfy({ $0.id >= 0 }) else { throw Self.failure(path) }
    }

    deinit { try? close() }

    /// Writes a volume behind the others, then what is said of it.
    func append(_ volume: RecordedVolume, at place: Int) throws(SessionError) {
        let shape = volume.volume.grid.shape
        let counts = [1, hsize_t(shape.z), hsize_t(shape.y), hsize_t(shape.x)]
        let isWritten = volume.volume.bytes.withUnsafeBytes { write($0, to: volumes, type, counts, at: place) }
        guard isWritten else { throw Self.failure(path) }
        for (column, id) in columns {
            let number: any BitwiseCopyable =
                switch column {
                case .index: Int64(volume.index)
                case .arrival: Int64(volume.arrival)
                case .acquiredAt: volume.acquiredAt ?? .nan
                case .receivedAt: volume.receivedAt
                case .slope: volume.volume.slope
                case .intercept: volume.volume.intercept
                case .checksum: volume.volume.checksum
                }
            let type = try HDF5Handle(column.dataType.makeHDF5Type(), path, close: H5Tclose)
            guard withUnsafeBytes(of: number, { write($0, to: id, type.id, [1], at: place) }) else {
                throw Self.failure(path)
            }
        }
    }

    /// Hands everything to the operating system.
    func flush() throws(SessionError) {
        guard H5Fflush(file, H5F_SCOPE_LOCAL) >= 0 else { throw Self.failure(path) }
    }

    /// Closes everything; afterwards the file can be opened without single-writer mode too.
    func close() throws(SessionError) {
        guard file >= 0 else { return }
        if type >= 0 { H5Tclose(type) }
        var isClosed = volumes < 0 || H5Dclose(volumes) >= 0
        for (_, id) in columns where id >= 0 { isClosed = H5Dclose(id) >= 0 && isClosed }
        isClosed = H5Fclose(file) >= 0 && isClosed
        (file, volumes, type, columns) = (-1, -1, -1, [])
        guard isClosed else { throw Self.failure(path) }
    }

    /// Lengthens a data set by one and writes there.
    private func write(
        _ bytes: UnsafeRawBufferPointer,
        to id: hid_t,
        _ type: hid_t,
        _ counts: [hsize_t],
        at place: Int
    ) -> Bool {
        var extent = counts
        extent[0] = hsize_t(place) + 1
        guard H5Dset_extent(id, extent) >= 0 else { return false }
        var start = [hsize_t](repeating: 0, count: counts.count)
        start[0] = hsize_t(place)
        let target = H5Dget_space(id)
        let source = H5Screate_simple(Int32(counts.count), counts, nil)
        defer {
            if target >= 0 { H5Sclose(target) }
            if source >= 0 { H5Sclose(source) }
        }
        return target >= 0 && source >= 0 && H5Sselect_hyperslab(target, H5S_SELECT_SET, start, nil, counts, nil) >= 0
            && H5Dwrite(id, type, source, target, percept_h5_default(), bytes.baseAddress) >= 0
    }

    private static func failure(_ path: String) -> SessionError {
        SessionError(.unwritable, path, HDF5Library.complaint())
    }
}
