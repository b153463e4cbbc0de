import CLinux
import Foundation

/// The files of a folder and of the folders within it.
enum FolderListing {
    /// A file or folder that was found.
    struct Entry {
        var path: String
        var stamp: FileStamp
    }

    /// Lists everything below a folder; links are listed, not followed.
    ///
    /// - Parameters:
    ///   - root: The folder.
    ///   - known: The state of a file that need not be looked at.
    ///   - visit: Is called for each folder before its content is listed.
    /// - Throws: ``StreamingError`` with `unreadable` where the folder itself cannot be listed. Folders within it that
    ///   cannot be, or that go away meanwhile, are left out.
    static func entries(
        of root: String,
        known: (String) -> FileStamp? = { _ in nil },
        visiting visit: (String) -> Void = { _ in }
    ) throws(StreamingError) -> [Entry] {
        var files: [Entry] = []
        var folders = [root]
        while let folder = folders.popLast() {
            // What comes after a watch is in place is noticed by it; what came before is in the listing.
            visit(folder)
            guard let directory = opendir(folder) else {
                if folder == root {
                    throw StreamingError(
                        .unreadable,
                        root,
                        "the folder cannot be listed: \(String(cString: strerror(errno)))"
                    )
                }
                continue
            }
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name != ".", name != ".." else { continue }
                let path = folder + "/" + name
                guard let stamp = known(path) ?? FileStamp(path) else { continue }
                if stamp.kind == .folder { folders.append(path) } else { files.append(Entry(path: path, stamp: stamp)) }
            }
        }
        return files
    }
}
