import Foundation

/// NumPy's npy, version 1.0, of a matrix in single precision.
enum ArrayFile {
    /// The bytes of a file whose rows have the same length.
    static func bytes(_ rows: [[Float]]) -> [UInt8] {
        let columns = rows.first?.count ?? 0
        precondition(rows.allSatisfy { $0.count == columns }, "the rows of a matrix have the same length")
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows.count), \(columns)), }"
        // The numbers begin at a multiple of 64.
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        let size = UInt16(header.utf8.count)
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size & 255), UInt8(size >> 8)]
        bytes += Array(header.utf8)
        for row in rows { row.withUnsafeBytes { bytes += $0 } }
        return bytes
    }
}
