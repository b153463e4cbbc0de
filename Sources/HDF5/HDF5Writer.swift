import CHDF5
import CHDF5Shim
import Foundation

/// Writes arrays and texts to a new HDF5 file, which appears complete or not at all.
public struct HDF5Writer: ~Copyable {
    private let path: String
    private let file: hid_t

    /// Makes a file, replacing what was there at once.
    ///
    /// - Throws: `unwritable`, or what `body` throws; the file is then as it was.
    public static func write(
        to url: URL,
        _ body: (borrowing HDF5Writer) throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        let temporary = "\(url.path).\(getpid()).partial"
        unlink(temporary)
        defer { unlink(temporary) }
        let state = UnsafeMutablePointer<percept_h5_file>.allocate(capacity: 1)
        defer { state.deallocate() }
        state.initialize(to: percept_h5_file())
        (state.pointee.descriptor, state.pointee.fails_at, state.pointee.dies_after) = (-1, -1, -1)
        do throws(HDF5Error) {
            try HDF5Library.exclusively { () throws(HDF5Error) in try fill(temporary, url.path, state, body) }
        } catch {
            let code = state.pointee.failure
            throw code == 0 ? error : HDF5Error(.unwritable, url.path, String(cString: strerror(code)))
        }
        guard rename(temporary, url.path) == 0 else {
            throw HDF5Error(.unwritable, url.path, String(cString: strerror(errno)))
        }
    }

    private static func fill(
        _ temporary: String,
        _ path: String,
        _ state: UnsafeMutablePointer<percept_h5_file>,
        _ body: (borrowing HDF5Writer) throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        let access = try HDF5Handle(percept_h5_write_access(state), path, close: H5Pclose)
        let file = H5Fcreate(temporary, percept_h5_exclusive(), percept_h5_default(), access.id)
        guard file >= 0 else { throw HDF5Error(.unwritable, path, HDF5Library.complaint()) }
        do throws(HDF5Error) {
            try body(HDF5Writer(path: path, file: file))
        } catch {
            state.pointee.discards = 1
            H5Fclose(file)
            throw error
        }
        guard H5Fclose(file) >= 0 else { throw HDF5Error(.unwritable, path, HDF5Library.complaint()) }
    }

    /// Adds a group.
    public func addGroup(_ name: String) throws(HDF5Error) {
        let standard = percept_h5_default()
        _ = try HDF5Handle(H5Gcreate2(file, name, standard, standard, standard), "\(path): \(name)", close: H5Gclose)
    }

    /// Adds an array of numbers in row-major order, or one number where it has no axes.
    public func add<Number: HDF5Number>(_ name: String, _ numbers: [Number], shape: [Int]) throws(HDF5Error) {
        precondition(numbers.count == shape.reduce(1, *), "\(numbers.count) numbers are not of shape \(shape).")
        let type = try HDF5Handle(Number.makeType(), "\(path): \(name)", close: H5Tclose)
        try add(name, numbers, type, shape)
    }

    /// Adds a list of texts, or one text where it has no axes.
    public func add(_ name: String, _ texts: [String], isList: Bool = true) throws(HDF5Error) {
        precondition(isList || texts.count == 1, "One text is one text.")
        let width = max(1, texts.map(\.utf8.count).max() ?? 1)
        let bytes = texts.flatMap { Array($0.utf8) + [UInt8](repeating: 0, count: width - $0.utf8.count) }
        let type = try HDF5Handle(percept_h5_text(width), "\(path): \(name)", close: H5Tclose)
        try add(name, bytes, type, isList ? [texts.count] : [])
    }

    private func add<Element: BitwiseCopyable>(
        _ name: String,
        _ elements: [Element],
        _ type: borrowing HDF5Handle,
        _ shape: [Int]
    ) throws(HDF5Error) {
        let subject = "\(path): \(name)"
        let extent = shape.map { hsize_t($0) }
        let space = try HDF5Handle(
            shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(extent.count), extent, nil),
            subject,
            close: H5Sclose
        )
        let standard = percept_h5_default()
        let set = try HDF5Handle(
            H5Dcreate2(file, name, type.id, space.id, standard, standard, standard),
            subject,
            close: H5Dclose
        )
        let all = percept_h5_all()
        guard elements.isEmpty || H5Dwrite(set.id, type.id, all, all, standard, elements) >= 0 else {
            throw HDF5Error(.unwritable, subject, HDF5Library.complaint())
        }
    }
}
