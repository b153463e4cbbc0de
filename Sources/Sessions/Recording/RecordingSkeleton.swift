import CHDF5
import CHDF5Shim
import Foundation
import HDF5
import Neuroimaging

/// The file of a recording before its first volume: data sets of length 0, and what is said of all volumes.
enum RecordingSkeleton {
    /// Makes the file under another name and gives it its own when it is whole, so that a file of that name always opens.
    static func write(_ url: URL, _ description: RecordingDescription, compresses: Bool) throws(SessionError) {
        let temporary = "\(url.path).\(getpid()).partial"
        unlink(temporary)
        defer { unlink(temporary) }
        let state = UnsafeMutablePointer<percept_h5_file>.allocate(capacity: 1)
        defer { state.deallocate() }
        state.initialize(to: percept_h5_file())
        (state.pointee.descriptor, state.pointee.fails_at, state.pointee.dies_after) = (-1, -1, -1)
        do throws(SessionError) {
            try HDF5Library.exclusively { () throws(SessionError) in
                try fill(temporary, description, compresses: compresses, state)
            }
        } catch {
            let code = state.pointee.failure
            throw code == 0 ? SessionError(.unwritable, url.path, error.detail) : SessionError(errno: code, url.path)
        }
        try rename(temporary, to: url)
        try DurableFile.synchronizeFolder(of: url.path)
    }

    private static func rename(_ temporary: String, to url: URL) throws(SessionError) {
        if link(temporary, url.path) == 0 { return }
        guard errno != EEXIST, access(url.path, F_OK) != 0 else {
            throw SessionError(.inconsistent, url.path, "exists already; a recording is never appended to")
        }
        // File systems without links.
        guard Foundation.rename(temporary, url.path) == 0 else { throw SessionError(errno: errno, url.path) }
    }

    private static func fill(
        _ path: String,
        _ description: RecordingDescription,
        compresses: Bool,
        _ state: UnsafeMutablePointer<percept_h5_file>
    ) throws(SessionError) {
        let access = try HDF5Handle(percept_h5_write_access(state), path, close: H5Pclose)
        let creation = percept_h5_default()
        let id = H5Fcreate(path, percept_h5_exclusive(), creation, access.id)
        guard id >= 0 else { throw SessionError(.unwritable, path, HDF5Library.complaint()) }
        do throws(SessionError) {
            try addDataSets(id, path, description, compresses: compresses)
            try addAttributes(id, path, description)
        } catch {
            state.pointee.discards = 1
            H5Fclose(id)
            throw error
        }
        guard H5Fclose(id) >= 0 else { throw SessionError(.unwritable, path, HDF5Library.complaint()) }
    }

    private static func addDataSets(
        _ file: hid_t,
        _ path: String,
        _ description: RecordingDescription,
        compresses: Bool
    ) throws(SessionError) {
        let shape = description.grid.shape
        let volume = [hsize_t(shape.z), hsize_t(shape.y), hsize_t(shape.x)]
        let properties = try HDF5Handle(percept_h5_dataset_properties(), path, close: H5Pclose)
        try check(H5Pset_chunk(properties.id, 4, [1] + volume), path)
        // Space is not filled with zeros before it is written.
        try check(H5Pset_fill_time(properties.id, H5D_FILL_TIME_NEVER), path)
        if compresses {
            try check(H5Pset_shuffle(properties.id), path)
            try check(H5Pset_deflate(properties.id, 1), path)
        }
        try addDataSet(file, path, RecordingLayout.volumes, description.dataType, [0] + volume, properties)
        for column in RecordedColumn.allCases {
            let properties = try HDF5Handle(percept_h5_dataset_properties(), path, close: H5Pclose)
            try check(H5Pset_chunk(properties.id, 1, [hsize_t(RecordingLayout.columnChunk)]), path)
            try addDataSet(file, path, column.rawValue, column.dataType, [0], properties)
        }
    }

    private static func addDataSet(
        _ file: hid_t,
        _ path: String,
        _ name: String,
        _ dataType: NIfTIDataType,
        _ extent: [hsize_t],
        _ properties: borrowing HDF5Handle
    ) throws(SessionError) {
        var most = extent
        most[0] = percept_h5_unlimited()
        let space = try HDF5Handle(H5Screate_simple(Int32(extent.count), extent, most), path, close: H5Sclose)
        let type = try HDF5Handle(dataType.makeHDF5Type(), path, close: H5Tclose)
        let standard = percept_h5_default()
        let set = H5Dcreate2(file, name, type.id, space.id, standard, properties.id, standard)
        _ = try HDF5Handle(set, path, close: H5Dclose)
    }

    private static func addAttributes(
        _ file: hid_t,
        _ path: String,
        _ description: RecordingDescription
    ) throws(SessionError) {
        let attributes = HDF5Attributes(object: file, path: path)
        try attributes.add("format", "percept recording")
        try attributes.add("format_version", [RecordingLayout.version], .int64, [])
        try attributes.add("session", description.session)
        try attributes.add("run", description.run)
        try attributes.add("repetition_time", [description.repetitionTime], .float64, [])
        try attributes.add("affine", description.grid.affine.numbers + [0, 0, 0, 1], .float64, [4, 4])
        try attributes.add("axes", "volume, z, y, x; the affine maps x, y, z from 0 to mm in RAS+")
        try attributes.add(
            "units",
            "intensity = slope * number + intercept; times in s, acquired_at and received_at since 1970"
        )
    }

    private static func check(_ status: herr_t, _ path: String) throws(SessionError) {
        guard status >= 0 else { throw SessionError(.unwritable, path, HDF5Library.complaint()) }
    }
}
