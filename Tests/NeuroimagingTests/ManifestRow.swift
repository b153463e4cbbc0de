import CKernels
import Foundation
import SharedMaterial

/// What an independent reader made of a file.
struct ManifestRow: Sendable, CustomStringConvertible {
    let fields: [String]

    var file: String { fields[0] }
    var isReadable: Bool { fields[1] == "OK" }
    var description: String { file }

    /// The numbers of a field such as "(3, 4)" or "[[1., 0.]]".
    func numbers(_ column: Int) -> [Double] {
        fields[column].split { !"-+.0123456789einfa".contains($0) }.compactMap { Double($0) }
    }

    var url: URL? { try? SharedMaterial.url("data/\(file)") }

    static func all(_ manifest: String) -> [ManifestRow] {
        guard let url = try? SharedMaterial.url("data/manifest/\(manifest)"),
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n").dropFirst().map { line in
            ManifestRow(
                fields: line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
                    + [String](repeating: "", count: 12)
            )
        }
    }

    /// The first 16 hexadecimal digits of the SHA-256 of bytes.
    static func digest(_ bytes: [UInt8]) -> String {
        var padded = bytes + [0x80]
        padded += [UInt8](repeating: 0, count: (64 - (padded.count + 8) % 64) % 64)
        withUnsafeBytes(of: UInt64(bytes.count * 8).bigEndian) { padded += $0 }
        var state: [UInt32] = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
        ]
        percept_sha256_blocks(&state, padded, Int64(padded.count / 64), 0)
        return state.prefix(2).map { String(format: "%08x", $0) }.joined()
    }
}
