import Foundation

/// A further file of a bundle, which the networks do not need but others of its users do.
public struct BundleAttachment: Sendable {
    /// Its name in the bundle.
    public let name: String
    /// Writes it under a path that nothing has yet.
    let write: @Sendable (URL) throws -> Void

    /// A file that is made when the bundle is written.
    public init(_ name: String, write: @escaping @Sendable (URL) throws -> Void) {
        precondition(!name.isEmpty && !name.contains("/") && !name.hasPrefix("."), "\(name) is no name of a file.")
        (self.name, self.write) = (name, write)
    }

    /// A copy of a file.
    public init(copying source: URL) {
        self.init(source.lastPathComponent) { destination in
            do {
                try FileManager.default.copyItem(at: source, to: destination)
            } catch {
                throw BundleError(.unreadable, source.path, "it cannot be copied: \(error.localizedDescription)")
            }
        }
    }
}
