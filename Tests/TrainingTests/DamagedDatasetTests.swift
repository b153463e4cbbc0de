import Foundation
import SharedMaterial
import Testing
import Training
import Weights

@Suite("Damaged and missing files of data sets", .enabled(if: SharedMaterial.isPresent))
struct DamagedDatasetTests {
    /// A data set of the fixtures: how it is read, and the files that it needs.
    enum Source: String, CaseIterable {
        case hcp = "hcp/npz"
        case god
        case bold

        func read(_ folder: URL) throws {
            switch self {
            case .hcp:
                _ = try PretrainingDataset.load(hcp: folder, subjects: ["100206", "100307"])
            case .god:
                var options = GODDataset.Options()
                options.includesSingleTrials = true
                _ = try GODDataset(contentsOf: folder, subjects: ["sbj_1", "sbj_2"], options: options)
            case .bold:
                var options = BOLD5000Dataset.Options()
                options.includesSingleTrials = true
                _ = try BOLD5000Dataset(contentsOf: folder, subject: "CSI1", options: options)
            }
        }

        /// What reading needs; there is more in the fixtures on purpose.
        func needs(_ path: String) -> Bool {
            switch self {
            case .hcp, .god: true
            case .bold: !path.contains("CSI2") && !path.hasSuffix("imgnames.txt")
            }
        }
    }

    private static func files(of source: Source) throws -> (folder: URL, needed: [String]) {
        let folder = try SharedMaterial.url("fixtures/data/\(source.rawValue)")
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return (
            folder,
            paths.filter { path in
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(
                    atPath: folder.appendingPathComponent(path).path,
                    isDirectory: &isFolder
                )
                return !isFolder.boolValue && source.needs(path)
            }.sorted()
        )
    }

    /// What an error says of where it arose.
    private static func text(_ error: any Error) -> String? {
        switch error {
        case let error as DatasetError: error.description
        case let error as WeightsError: error.description
        default: nil
        }
    }

    @Test("Without any one of its files, a data set is refused with what is missing", arguments: Source.allCases)
    func missing(source: Source) throws {
        let (folder, needed) = try Self.files(of: source)
        #expect(needed.count > 1)
        for path in needed {
            let copy = try ChangedCopy(of: folder)
            try source.read(copy.url)
            try copy.remove(path)
            #expect("\(path)") {
                try source.read(copy.url)
            } throws: { error in
                Self.text(error)?.contains(copy.url.lastPathComponent) == true || error is DatasetError
            }
        }
    }

    @Test("With any one of its files cut short or empty, a data set is refused by name", arguments: Source.allCases)
    func cut(source: Source) throws {
        let (folder, needed) = try Self.files(of: source)
        for path in needed {
            let copy = try ChangedCopy(of: folder)
            let whole = try Data(contentsOf: copy.url.appendingPathComponent(path))
            // The last names of that list need not be shown, and none can tell that they are missing.
            let slightly = path.contains("repeated") ? 0 : whole.count - whole.count / 8 - 4
            for length in [0, whole.count / 3, slightly] {
                try whole.prefix(length).write(to: copy.url.appendingPathComponent(path))
                #expect("\(path), \(length) bytes") {
                    try source.read(copy.url)
                } throws: { error in
                    Self.text(error) != nil
                }
            }
        }
    }

    @Test("A changed byte in compressed or checked arrays is found", arguments: [Source.hcp, .god])
    func changed(source: Source) throws {
        let (folder, needed) = try Self.files(of: source)
        for path in needed where path.hasSuffix(".npz") {
            let copy = try ChangedCopy(of: folder)
            let file = copy.url.appendingPathComponent(path)
            let whole = try Data(contentsOf: file)
            for place in stride(from: 200, to: whole.count - 2000, by: max(1, whole.count / 7)) {
                var damaged = whole
                damaged[place] ^= 0x40
                try damaged.write(to: file)
                // A byte of what is not used may change without harm.
                do {
                    try source.read(copy.url)
                } catch {
                    #expect(Self.text(error) != nil, "\(path), byte \(place)")
                }
            }
        }
    }
}
