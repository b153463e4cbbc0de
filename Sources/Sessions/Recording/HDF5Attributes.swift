import CHDF5
import CHDF5Shim
import HDF5
import Neuroimaging

/// The attributes of an object; used only inside of ``HDF5Library/exclusively(_:)``.
struct HDF5Attributes {
    let object: hid_t
    let path: String

    /// The longest text that is read.
    private static let longestText = 4096

    /// Adds a text.
    func add(_ name: String, _ text: String) throws(SessionError) {
        var bytes = Array(text.utf8.prefix(Self.longestText))
        if bytes.isEmpty { bytes = [0] }
        let type = try HDF5Handle(percept_h5_text(bytes.count), path, close: H5Tclose)
        try add(name, bytes, type.id, [])
    }

    /// Adds numbers of the given shape, or one number where it has no axes.
    func add<Number: BitwiseCopyable>(
        _ name: String,
        _ numbers: [Number],
        _ dataType: NIfTIDataType,
        _ shape: [hsize_t]
    ) throws(SessionError) {
        let type = try HDF5Handle(dataType.makeHDF5Type(), path, close: H5Tclose)
        try add(name, numbers, type.id, shape)
    }

    private func add<Number: BitwiseCopyable>(
        _ name: String,
        _ numbers: [Number],
        _ type: hid_t,
        _ shape: [hsize_t]
    ) throws(SessionError) {
        let space = try HDF5Handle(
            shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), shape, nil),
            path,
            close: H5Sclose
        )
        let standard = percept_h5_default()
        let attribute = try HDF5Handle(
            H5Acreate2(object, name, type, space.id, standard, standard),
            path,
            close: H5Aclose
        )
        guard H5Awrite(attribute.id, type, numbers) >= 0 else {
            throw SessionError(.unwritable, path, HDF5Library.complaint())
        }
    }

    /// A text.
    func text(_ name: String) throws(SessionError) -> String {
        let attribute = try open(name)
        let type = try HDF5Handle(H5Aget_type(attribute.id), path, close: H5Tclose)
        let size = H5Tget_size(type.id)
        guard H5Tget_class(type.id) == H5T_STRING, H5Tis_variable_str(type.id) == 0, size > 0,
            size <= Self.longestText, try count(attribute) == 1
        else { throw wrong(name) }
        var bytes = [UInt8](repeating: 0, count: size)
        guard H5Aread(attribute.id, type.id, &bytes) >= 0 else { throw wrong(name) }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// As many numbers as expected, of the type that they were added with.
    func numbers<Number: BitwiseCopyable & ExpressibleByIntegerLiteral>(
        _ name: String,
        _ dataType: NIfTIDataType,
        count expected: Int,
        as: Number.Type = Number.self
    ) throws(SessionError) -> [Number] {
        let attribute = try open(name)
        let type = try HDF5Handle(H5Aget_type(attribute.id), path, close: H5Tclose)
        let known = try HDF5Handle(dataType.makeHDF5Type(), path, close: H5Tclose)
        guard H5Tequal(type.id, known.id) > 0, try count(attribute) == expected,
            MemoryLayout<Number>.stride == dataType.size
        else { throw wrong(name) }
        var numbers = [Number](repeating: 0, count: expected)
        guard H5Aread(attribute.id, known.id, &numbers) >= 0 else { throw wrong(name) }
        return numbers
    }

    private func open(_ name: String) throws(SessionError) -> HDF5Handle {
        try HDF5Handle(H5Aopen(object, name, percept_h5_default()), path, close: H5Aclose)
    }

    private func count(_ attribute: borrowing HDF5Handle) throws(SessionError) -> Int {
        let space = try HDF5Handle(H5Aget_space(attribute.id), path, close: H5Sclose)
        return Int(H5Sget_simple_extent_npoints(space.id))
    }

    private func wrong(_ name: String) -> SessionError {
        _ = HDF5Library.complaint()
        return SessionError(.damaged, path, "its attribute \(name) is not what a recording has; it is no recording")
    }
}
