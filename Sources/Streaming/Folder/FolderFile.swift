import CLinux
import Foundation
import Neuroimaging

/// What a file in a watched folder holds.
enum FolderFile {
    /// A DICOM file, whole.
    case dicom(DICOMImage)
    /// A NIfTI file, of which the header is whole.
    case nifti(NIfTIReader)

    /// Why a file is not taken.
    enum Problem: Error, Equatable {
        /// It may be still being written.
        case incomplete(String)
        /// It holds what came before.
        case duplicate(String)
        /// It came after its run was over.
        case late(String)
        /// It is of another kind.
        case foreign(String)
        /// It is damaged.
        case malformed(String)
        /// It is larger than allowed.
        case tooLarge(String)
        /// It is not there any more.
        case gone
        /// It cannot be opened.
        case unreadable(String)
    }

    /// Reads a file, and gives the state in which it was read.
    ///
    /// What it is, is told by its first bytes; of other files nothing more is read.
    static func read(_ path: String, limit: Int) throws(Problem) -> (FolderFile, FileStamp) {
        // A pipe would block, and a link may lead out of the folder.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else {
            switch errno {
            case ENOENT: throw .gone
            case ELOOP: throw .foreign("it is a symbolic link, which is not followed")
            default: throw .unreadable(String(cString: strerror(errno)))
            }
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .unreadable(String(cString: strerror(errno))) }
        let stamp = FileStamp(status)
        guard stamp.kind == .file else { throw .foreign("it is no file") }
        guard stamp.size <= limit else {
            throw .tooLarge("it has \(stamp.size) bytes and the limit is \(limit); raise largestFile if it is right")
        }
        var head = [UInt8](repeating: 0, count: min(stamp.size, 352))
        head.removeLast(head.count - (try fill(&head, from: file, at: 0)))
        if head.count >= 132, head[128..<132].elementsEqual("DICM".utf8) {
            var bytes = [UInt8](repeating: 0, count: stamp.size)
            let count = try fill(&bytes, from: file, at: 0)
            guard count == stamp.size else { throw .incomplete("it became shorter while it was read") }
            do { return (.dicom(try DICOMImage(bytes)), stamp) } catch { throw problem(error) }
        }
        let isZipped = head.starts(with: [0x1F, 0x8B])
        if isZipped || isNIfTI(head) {
            do {
                let reader = try NIfTIReader(path: path)
                guard reader.header.isSingleFile else {
                    throw Problem.foreign("pairs of header and voxels are not read; use single files (.nii)")
                }
                let volume = reader.header.grid.count.multipliedReportingOverflow(by: reader.header.dataType.size)
                guard !volume.overflow, volume.partialValue <= limit else {
                    throw Problem.tooLarge("a volume has \(volume.partialValue) bytes and the limit is \(limit)")
                }
                return (.nifti(reader), stamp)
            } catch let error as NeuroimagingError {
                // Anything may be compressed; what is no image inside is foreign.
                throw isZipped && error.code != .truncated ? .foreign(error.detail) : problem(error)
            } catch let problem as Problem {
                throw problem
            } catch {
                throw .malformed("\(error)")
            }
        }
        throw head.count < 352 && (head.isEmpty || head.allSatisfy { $0 == 0 })
            ? .incomplete("it is empty") : .foreign("it is neither DICOM nor NIfTI")
    }

    /// What an error of a reader means for a file that may be still being written.
    static func problem(_ error: NeuroimagingError) -> Problem {
        let text = error.subject.isEmpty ? error.detail : error.description
        return switch error.code {
        case .truncated: .incomplete(text)
        case .unreadable: .unreadable(text)
        case .unsupported: .foreign(text)
        default: .malformed(text)
        }
    }

    private static func isNIfTI(_ head: [UInt8]) -> Bool {
        if head.count >= 348, head[344..<348].elementsEqual([0x6E, 0x2B, 0x31, 0]) { return true }
        return head.count >= 8 && head[4..<8].elementsEqual([0x6E, 0x2B, 0x32, 0])
    }

    private static func fill(_ bytes: inout [UInt8], from file: Int32, at start: Int) throws(Problem) -> Int {
        let (count, failure) = bytes.withUnsafeMutableBytes { buffer in
            var done = 0
            while done < buffer.count {
                let got = pread(file, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(start + done))
                if got < 0 { return (done, errno) }
                if got == 0 { break }
                done += got
            }
            return (done, Int32(0))
        }
        guard failure == 0 else { throw .unreadable(String(cString: strerror(failure))) }
        return count
    }
}
