import CHDF5
import CHDF5Shim

/// A data set that is open for reading and whose claims are checked; used only inside of
/// ``HDF5Library/exclusively(_:)``.
struct HDF5Dataset: ~Copyable {
    /// The file and the path in it, for errors.
    let subject: String
    let shape: [Int]
    let count: Int
    private let set: HDF5Handle
    private let type: HDF5Handle

    /// Opens a data set of at most `limit` elements.
    ///
    /// - Parameter size: The bytes of the file.
    init(_ object: String, in file: hid_t, path: String, size: Int, limit: Int) throws(HDF5Error) {
        let subject = "\(path): \(object)"
        let set = try HDF5Handle(H5Dopen2(file, object, percept_h5_default()), subject, close: H5Dclose)
        let type = try HDF5Handle(H5Dget_type(set.id), subject, close: H5Tclose)
        let shape = try Self.extent(set, subject)
        var count = 1
        for extent in shape {
            let (product, isTooLarge) = count.multipliedReportingOverflow(by: extent)
            guard !isTooLarge, product <= limit else {
                throw HDF5Error(.tooLarge, subject, "it has the shape \(shape), more than the limit")
            }
            count = product
        }
        let isCompressed = try Self.checkStorage(set, subject, elementSize: H5Tget_size(type.id))
        // Deflate makes nothing smaller than by 1032.
        let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: H5Tget_size(type.id))
        guard !isTooLarge, bytes / (isCompressed ? 1032 : 1) <= size else {
            throw HDF5Error(.damaged, subject, "it claims the shape \(shape), which the file cannot hold")
        }
        guard count == 0 || H5Dget_storage_size(set.id) > 0 else {
            throw HDF5Error(.damaged, subject, "it was never written")
        }
        (self.subject, self.shape, self.count) = (subject, shape, count)
        self.set = set
        self.type = type
    }

    /// The numbers, converted; integers and floating-point numbers of any size are.
    func numbers<Number: HDF5Number>() throws(HDF5Error) -> [Number] {
        let kind = H5Tget_class(type.id)
        // Truth values are enumerations of integers.
        guard kind == H5T_INTEGER || kind == H5T_ENUM || kind == H5T_FLOAT && Number.isFloatingPoint else {
            let expected = Number.isFloatingPoint ? "numbers" : "integers"
            throw HDF5Error(.unsupported, subject, "it does not hold \(expected)")
        }
        let memory = try HDF5Handle(Number.makeType(), subject, close: H5Tclose)
        return try read(memory.id)
    }

    /// The texts, without what fills them up.
    func texts(limit: Int) throws(HDF5Error) -> [String] {
        guard H5Tget_class(type.id) == H5T_STRING else {
            throw HDF5Error(.unsupported, subject, "it does not hold texts")
        }
        return H5Tis_variable_str(type.id) > 0 ? try variableTexts(limit) : try fixedTexts(limit)
    }

    private func fixedTexts(_ limit: Int) throws(HDF5Error) -> [String] {
        let width = H5Tget_size(type.id)
        guard width > 0, count <= limit / width else { throw HDF5Error(.tooLarge, subject, "its texts are too long") }
        var bytes = [UInt8](repeating: 0, count: count * width)
        let all = percept_h5_all()
        guard count == 0 || H5Dread(set.id, type.id, all, all, percept_h5_default(), &bytes) >= 0 else {
            throw HDF5Error(.damaged, subject, HDF5Library.complaint())
        }
        let isSpacePadded = H5Tget_strpad(type.id) == H5T_STR_SPACEPAD
        return (0..<count).map { index in
            var text = bytes[index * width..<(index + 1) * width].prefix { $0 != 0 }
            while isSpacePadded, text.last == UInt8(ascii: " ") { text.removeLast() }
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// Texts that are kept elsewhere in the file, a few at a time: many may point to one that is long.
    private func variableTexts(_ limit: Int) throws(HDF5Error) -> [String] {
        guard shape.count <= 1 else { throw HDF5Error(.unsupported, subject, "its texts are no list") }
        let space = try HDF5Handle(H5Dget_space(set.id), subject, close: H5Sclose)
        var (texts, bytes) = ([String](), 0)
        while texts.count < count {
            let batch = min(64, count - texts.count)
            let memory = try HDF5Handle(H5Screate_simple(1, [hsize_t(batch)], nil), subject, close: H5Sclose)
            if shape.count == 1 {
                H5Sselect_hyperslab(space.id, H5S_SELECT_SET, [hsize_t(texts.count)], nil, [hsize_t(batch)], nil)
            }
            var found = [UnsafeMutablePointer<CChar>?](repeating: nil, count: batch)
            let standard = percept_h5_default()
            let status = H5Dread(set.id, type.id, memory.id, space.id, standard, &found)
            for text in found {
                texts.append(text.map { String(cString: $0) } ?? "")
                bytes += texts.last?.utf8.count ?? 0
            }
            H5Dvlen_reclaim(type.id, memory.id, standard, &found)
            guard status >= 0 else { throw HDF5Error(.damaged, subject, HDF5Library.complaint()) }
            guard bytes <= limit else { throw HDF5Error(.tooLarge, subject, "its texts are too long") }
        }
        return texts
    }

    private func read<Number: HDF5Number>(_ memoryType: hid_t) throws(HDF5Error) -> [Number] {
        var status: herr_t = 0
        let elements = [Number](unsafeUninitializedCapacity: count) { buffer, filled in
            // What was never written leaves the buffer as it is.
            buffer.initialize(repeating: 0)
            filled = count
            guard count > 0 else { return }
            let all = percept_h5_all()
            status = H5Dread(set.id, memoryType, all, all, percept_h5_default(), buffer.baseAddress)
        }
        guard status >= 0 else { throw HDF5Error(.damaged, subject, HDF5Library.complaint()) }
        return elements
    }

    private static func extent(_ set: borrowing HDF5Handle, _ subject: String) throws(HDF5Error) -> [Int] {
        let space = try HDF5Handle(H5Dget_space(set.id), subject, close: H5Sclose)
        let kind = H5Sget_simple_extent_type(space.id)
        guard kind == H5S_SCALAR || kind == H5S_SIMPLE else { throw HDF5Error(.damaged, subject, "it is empty") }
        let rank = H5Sget_simple_extent_ndims(space.id)
        guard (0...32).contains(rank) else { throw HDF5Error(.damaged, subject, "it has \(rank) axes") }
        var extent = [hsize_t](repeating: 0, count: max(Int(rank), 1))
        guard H5Sget_simple_extent_dims(space.id, &extent, nil) == rank, extent.allSatisfy({ $0 <= Int32.max }) else {
            throw HDF5Error(.tooLarge, subject, "it has the shape \(extent)")
        }
        return extent.prefix(Int(rank)).map { Int($0) }
    }

    /// Checks that all data are in the file, in a form that is read here; returns whether they are compressed.
    private static func checkStorage(
        _ set: borrowing HDF5Handle,
        _ subject: String,
        elementSize: Int
    ) throws(HDF5Error) -> Bool {
        let properties = try HDF5Handle(H5Dget_create_plist(set.id), subject, close: H5Pclose)
        let layout = H5Pget_layout(properties.id)
        guard layout == H5D_COMPACT || layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED,
            H5Pget_external_count(properties.id) == 0
        else { throw HDF5Error(.unsupported, subject, "its data are in other files, which are not read") }
        if layout == H5D_CHUNKED {
            var chunk = [hsize_t](repeating: 0, count: 33)
            let rank = H5Pget_chunk(properties.id, 33, &chunk)
            let bytes = chunk.prefix(Int(max(0, rank))).reduce(Double(elementSize)) { $0 * Double($1) }
            guard rank > 0, bytes <= 0x1p30 else {
                throw HDF5Error(.tooLarge, subject, "it has chunks of \(bytes) bytes")
            }
        }
        let known = [percept_h5_filter_deflate(), percept_h5_filter_shuffle(), percept_h5_filter_checksum()]
        var isCompressed = false
        for place in 0..<max(0, H5Pget_nfilters(properties.id)) {
            var (flags, settings, count) = (UInt32(0), [UInt32](repeating: 0, count: 8), 8)
            let filter = H5Pget_filter2(properties.id, UInt32(place), &flags, &count, &settings, 0, nil, nil)
            guard known.contains(filter) else {
                throw HDF5Error(
                    .unsupported,
                    subject,
                    "it is compressed by filter \(filter); save it with gzip or without"
                )
            }
            isCompressed = isCompressed || filter == percept_h5_filter_deflate()
        }
        return isCompressed
    }
}
