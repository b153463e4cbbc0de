import CHDF5
import CHDF5Shim
import Foundation

/// Reads groups, arrays of numbers and texts of an HDF5 file that any program may have written.
///
/// What the file claims is checked before memory is allocated for it. Only what is in the file itself is read: links, and
/// data kept in other files, are refused. All calls block; one thread at a time may use a reader.
public final class HDF5Reader {
    /// The file.
    public let url: URL
    private let file: hid_t
    private let size: Int
    private var path: String { url.path }

    /// Opens a file.
    ///
    /// - Throws: `unreadable`, or `damaged` if it is no HDF5 file.
    public init(_ url: URL) throws(HDF5Error) {
        self.url = url
        let path = url.path
        var status = stat()
        guard stat(path, &status) == 0 else { throw HDF5Error(.unreadable, path, String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw HDF5Error(.unreadable, path, "it is not a file") }
        size = Int(status.st_size)
        file = try HDF5Library.exclusively { () throws(HDF5Error) in
            let access = try HDF5Handle(percept_h5_read_access(), path, close: H5Pclose)
            let file = H5Fopen(path, percept_h5_plain_read_flags(), access.id)
            guard file >= 0 else {
                throw HDF5Error(.damaged, path, "it cannot be opened as an HDF5 file: \(HDF5Library.complaint())")
            }
            return file
        }
    }

    deinit {
        let file = file
        HDF5Library.exclusively { _ = H5Fclose(file) }
    }

    /// The names of what is in a group, sorted.
    ///
    /// - Throws: `missing` if there is no such group, or `damaged`.
    public func names(in group: String = "/") throws(HDF5Error) -> [String] {
        try HDF5Library.exclusively { () throws(HDF5Error) in
            try checkLinks(to: group)
            let subject = "\(path): \(group)"
            let opened = try HDF5Handle(H5Gopen2(file, group, percept_h5_default()), subject, close: H5Gclose)
            var info = H5G_info_t()
            guard H5Gget_info(opened.id, &info) >= 0, info.nlinks <= size else {
                throw HDF5Error(.damaged, subject, HDF5Library.complaint())
            }
            var names: [String] = []
            for index in 0..<info.nlinks { names.append(try name(index, of: opened.id, subject)) }
            return names.sorted()
        }
    }

    /// Whether there is an object of that path.
    public func contains(_ object: String) -> Bool {
        HDF5Library.exclusively { (try? checkLinks(to: object)) != nil }
    }

    /// The extent of every axis of an array.
    ///
    /// - Throws: `missing`, `damaged`, `unsupported` or `tooLarge`.
    public func shape(of object: String) throws(HDF5Error) -> [Int] {
        try HDF5Library.exclusively { () throws(HDF5Error) in try open(object, limit: .max).shape }
    }

    /// An array of numbers, converted to the type that is asked for.
    ///
    /// - Parameter limit: The most elements.
    /// - Throws: `missing`, `damaged`, `tooLarge`; `unsupported` if it holds no numbers, or floating-point numbers where
    ///   integers are asked for.
    public func numbers<Number: HDF5Number>(
        _ object: String,
        as: Number.Type = Number.self,
        limit: Int = 1 << 32
    ) throws(HDF5Error) -> HDF5Array<Number> {
        try HDF5Library.exclusively { () throws(HDF5Error) in
            let set = try open(object, limit: limit)
            return HDF5Array(shape: set.shape, elements: try set.numbers())
        }
    }

    /// Texts, of one length or of any.
    ///
    /// - Parameter limit: The most bytes of all texts.
    /// - Throws: `missing`, `damaged`, `tooLarge`; `unsupported` if it holds no texts.
    public func texts(_ object: String, limit: Int = 1 << 24) throws(HDF5Error) -> HDF5Array<String> {
        try HDF5Library.exclusively { () throws(HDF5Error) in
            let set = try open(object, limit: limit)
            return HDF5Array(shape: set.shape, elements: try set.texts(limit: limit))
        }
    }

    private func open(_ object: String, limit: Int) throws(HDF5Error) -> HDF5Dataset {
        try checkLinks(to: object)
        return try HDF5Dataset(object, in: file, path: path, size: size, limit: limit)
    }

    /// Checks that a path leads through the file itself: a link elsewhere would let a file say to read another one.
    private func checkLinks(to object: String) throws(HDF5Error) {
        var path = ""
        for part in object.split(separator: "/") {
            path += "/\(part)"
            var link = H5L_info_t()
            guard H5Lget_info(file, path, &link, percept_h5_default()) >= 0, link.type == H5L_TYPE_HARD else {
                _ = HDF5Library.complaint()
                throw HDF5Error(.missing, url.path, "there is no \(path) in it")
            }
        }
    }

    private func name(_ index: hsize_t, of group: hid_t, _ subject: String) throws(HDF5Error) -> String {
        let standard = percept_h5_default()
        let length = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, nil, 0, standard)
        guard (1...(1 << 16)).contains(length) else { throw HDF5Error(.damaged, subject, HDF5Library.complaint()) }
        var bytes = [CChar](repeating: 0, count: length + 1)
        guard H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, &bytes, bytes.count, standard) == length
        else { throw HDF5Error(.damaged, subject, HDF5Library.complaint()) }
        return String(decoding: bytes.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
