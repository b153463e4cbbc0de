import CHDF5
import CHDF5Shim
import Foundation
import HDF5
import Neuroimaging

/// A recording that is open for reading.
///
/// What the file claims is checked before memory is allocated for it.
final class HDF5Recording {
    let description: RecordingDescription
    /// The volumes that the file claims to hold; those at the end may not be whole.
    let places: Int
    let indices: [Int64]
    let arrivals: [Int64]
    let checksums: [UInt32]
    private let path: String
    private let file: hid_t
    private let acquired: [Double]
    private let received: [Double]
    private let slopes: [Double]
    private let intercepts: [Double]

    /// Opens a recording; called inside of ``HDF5Library/exclusively(_:)``.
    init(reading path: String, size: Int, largestVolume: Int) throws(SessionError) {
        let access = try HDF5Handle(percept_h5_read_access(), path, close: H5Pclose)
        let file = H5Fopen(path, percept_h5_read_flags(), access.id)
        guard file >= 0 else { throw SessionError(.damaged, path, HDF5Library.complaint()) }
        var isComplete = false
        defer { if !isComplete { H5Fclose(file) } }
        let header = try RecordingHeader(file: file, path: path, size: size, largestVolume: largestVolume)
        let places = header.places
        (self.path, self.file, self.places, description) = (path, file, places, header.description)
        indices = try header.column(.index, count: places)
        arrivals = try header.column(.arrival, count: places)
        checksums = try header.column(.checksum, count: places)
        acquired = try header.column(.acquiredAt, count: places)
        received = try header.column(.receivedAt, count: places)
        slopes = try header.column(.slope, count: places)
        intercepts = try header.column(.intercept, count: places)
        isComplete = true
    }

    deinit {
        let file = file
        try? HDF5Library.exclusively { () throws(SessionError) in _ = H5Fclose(file) }
    }

    /// What makes intensities of the numbers of a volume; nothing where there is no such place.
    func scale(_ place: Int) -> (slope: Double, intercept: Double) {
        slopes.indices.contains(place) ? (slopes[place], intercepts[place]) : (.nan, .nan)
    }

    /// Reads a volume and compares it with its checksum.
    func volume(_ place: Int) throws(SessionError) -> RecordedVolume {
        let bytes = try HDF5Library.exclusively { () throws(SessionError) in try self.bytes(place) }
        do {
            let volume = try StoredVolume(
                grid: description.grid,
                dataType: description.dataType,
                bytes: bytes,
                slope: slopes[place],
                intercept: intercepts[place]
            )
            guard volume.checksum == checksums[place] else {
                throw SessionError(.damaged, path, "the volume at place \(place) is not what was recorded")
            }
            return RecordedVolume(
                index: Int(indices[place]),
                arrival: Int(arrivals[place]),
                acquiredAt: acquired[place].isNaN ? nil : acquired[place],
                receivedAt: received[place],
                volume: volume
            )
        } catch let error as SessionError {
            throw error
        } catch {
            throw SessionError(.damaged, path, "\(error)")
        }
    }

    private func bytes(_ place: Int) throws(SessionError) -> [UInt8] {
        let set = try HDF5Handle(H5Dopen2(file, RecordingLayout.volumes, percept_h5_default()), path, close: H5Dclose)
        let space = try HDF5Handle(H5Dget_space(set.id), path, close: H5Sclose)
        let type = try HDF5Handle(description.dataType.makeHDF5Type(), path, close: H5Tclose)
        let shape = description.grid.shape
        let counts = [1, hsize_t(shape.z), hsize_t(shape.y), hsize_t(shape.x)]
        let memory = try HDF5Handle(H5Screate_simple(4, counts, nil), path, close: H5Sclose)
        guard H5Sselect_hyperslab(space.id, H5S_SELECT_SET, [hsize_t(place), 0, 0, 0], nil, counts, nil) >= 0 else {
            throw SessionError(.damaged, path, HDF5Library.complaint())
        }
        let size = description.volumeBytes
        var status: herr_t = -1
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            // A chunk that was never written leaves the buffer as it is.
            buffer.initialize(repeating: 0)
            status = H5Dread(set.id, type.id, memory.id, space.id, percept_h5_default(), buffer.baseAddress)
            count = size
        }
        guard status >= 0 else { throw SessionError(.damaged, path, HDF5Library.complaint()) }
        return bytes
    }
}
