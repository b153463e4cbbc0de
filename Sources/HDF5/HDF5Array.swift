/// An array out of an HDF5 file.
public struct HDF5Array<Element: Sendable>: Sendable {
    /// The extent of every axis; empty for a single value.
    public let shape: [Int]
    /// The elements, in row-major order.
    public let elements: [Element]
}
