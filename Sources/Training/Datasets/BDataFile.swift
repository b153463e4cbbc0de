import Foundation
import HDF5

/// A data matrix with named columns, as BrainDecoderToolbox2 and bdpy store it in HDF5 (BData).
///
/// | path | content |
/// | --- | --- |
/// | `/dataset`, older `/dataSet` | `[samples, columns]` |
/// | `/metadata/key`, `/metadata/description`, older `/metaData/…` | a text for each row of metadata |
/// | `/metadata/value` | `[keys, columns]`; a column belongs to a key where it is 1, NaN says that it does not apply |
/// | `/header/…` | texts and numbers about the file; may be missing |
/// | `/vmap/KEY/NUMBER` | what the numbers in a column mean; may be missing |
public struct BDataFile: Sendable {
    /// The file.
    public let url: URL
    /// The number of rows of the data.
    public let samples: Int
    /// The number of columns of the data.
    public let columns: Int
    /// The names of the metadata, which select columns.
    public let keys: [String]
    /// What each key means.
    public let descriptions: [String]
    /// The texts of the header.
    public let header: [String: [String]]
    /// What the numbers in the column of a key mean.
    public let valueMaps: [String: [Double: String]]
    private let data: [Double]
    private let metadata: [Double]

    /// Reads a file.
    /// - Parameter limit: the most numbers in its data.
    /// - Throws: `HDF5Error`, or `DatasetError` if it is another HDF5 file.
    public init(contentsOf url: URL, limit: Int = 1 << 30) throws {
        let file = try HDF5Reader(url)
        guard let dataPath = ["dataset", "dataSet"].first(where: file.contains),
            let metadataPath = ["metadata", "metaData"].first(where: file.contains)
        else { throw DatasetError(.malformed, url.path, "it has no dataset with metadata, so it is no BData file") }
        let stored = try file.numbers(dataPath, as: Double.self, limit: limit)
        let values = try file.numbers("\(metadataPath)/value", as: Double.self, limit: limit)
        keys = try file.texts("\(metadataPath)/key").elements
        let hasDescriptions = file.contains("\(metadataPath)/description")
        descriptions =
            hasDescriptions
            ? try file.texts("\(metadataPath)/description").elements : keys.map { _ in "" }
        guard stored.shape.count == 2, values.shape == [keys.count, stored.shape[1]],
            descriptions.count == keys.count, Set(keys).count == keys.count
        else {
            throw DatasetError(
                .inconsistent,
                url.path,
                "\(keys.count) keys, metadata of shape \(values.shape) and data of shape \(stored.shape) do not fit"
            )
        }
        (self.url, data, metadata) = (url, stored.elements, values.elements)
        (samples, columns) = (stored.shape[0], stored.shape[1])
        header = try Self.header(file)
        valueMaps = try Self.valueMaps(file)
    }

    /// The columns that belong to a key, in ascending order.
    /// - Throws: `DatasetError` if there is no such key, or no column of it.
    public func columns(of key: String) throws -> [Int] {
        guard let row = keys.firstIndex(of: key) else {
            let known = keys.prefix(12).joined(separator: ", ")
            throw DatasetError(
                .unknownName,
                url.path,
                "there is no \(key); it has \(known)\(keys.count > 12 ? ", …" : "")"
            )
        }
        let selected = (0..<columns).filter { metadata[row * columns + $0] == 1 }
        guard !selected.isEmpty else { throw DatasetError(.malformed, url.path, "no column belongs to \(key)") }
        return selected
    }

    /// The only column that belongs to a key, for instance the run of each sample.
    /// - Throws: `DatasetError` if there is no such key, or not one column of it, or a value is not finite.
    public func column(_ key: String) throws -> [Double] {
        let selected = try columns(of: key)
        guard selected.count == 1 else {
            throw DatasetError(.malformed, url.path, "\(selected.count) columns belong to \(key), where one should")
        }
        let values = (0..<samples).map { data[$0 * columns + selected[0]] }
        if let row = values.firstIndex(where: { !$0.isFinite }) {
            throw DatasetError(.malformed, url.path, "the value of \(key) in row \(row) is not finite")
        }
        return values
    }

    /// The values of the given rows and columns, row by row.
    public func values(rows: [Int], columns selected: [Int]) -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(rows.count * selected.count)
        for row in rows { for column in selected { values.append(data[row * columns + column]) } }
        return values
    }

    private static func header(_ file: HDF5Reader) throws -> [String: [String]] {
        guard file.contains("header") else { return [:] }
        var header: [String: [String]] = [:]
        for name in try file.names(in: "header") {
            // Some entries are numbers or groups, which tell nothing of the data.
            if let texts = try? file.texts("header/\(name)") { header[name] = texts.elements }
        }
        return header
    }

    private static func valueMaps(_ file: HDF5Reader) throws -> [String: [Double: String]] {
        guard file.contains("vmap") else { return [:] }
        var maps: [String: [Double: String]] = [:]
        for key in try file.names(in: "vmap") {
            var map: [Double: String] = [:]
            for name in try file.names(in: "vmap/\(key)") {
                guard let number = Double(name), let text = try file.texts("vmap/\(key)/\(name)").elements.first else {
                    throw DatasetError(.malformed, file.url.path, "vmap/\(key)/\(name) does not map a number to a text")
                }
                map[number] = text
            }
            maps[key] = map
        }
        return maps
    }
}
