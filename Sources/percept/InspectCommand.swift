import ArgumentParser
import Decoder
import Foundation

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract:
            "Describe a checkpoint, decoder bundle, safetensors, npz, npy, NIfTI or DICOM file, or a DICOM folder."
    )

    @Argument(help: "The file, or the folder of a bundle or of DICOM files.")
    var path: String

    @Flag(help: "Print the description as JSON, with every array.")
    var json = false

    @Flag(help: "List every array of a file with many.")
    var arrays = false

    @Flag(help: "Compare the files of a bundle with the digests that it records.")
    var verify = false

    func run() async throws {
        try await CommandFailure.reporting {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            if ScanDescription.recognizes(path, isFolder: isFolder.boolValue) {
                try inspectScans(isFolder: isFolder.boolValue)
            } else if isFolder.boolValue {
                try inspectBundle()
            } else {
                guard !verify else { throw ValidationError("--verify is for bundles, and \(path) is not a folder.") }
                let description = try FileDescription(path: path)
                print(json ? try Self.encode(description) : description.text(limit: arrays ? .max : 40))
            }
        }
    }

    private func inspectScans(isFolder: Bool) throws {
        guard !verify else { throw ValidationError("--verify is for bundles, and \(path) is none.") }
        let (scans, problems) = try ScanDescription.all(path, isFolder: isFolder)
        print(json ? try Self.encode(scans) : scans.map(\.text).joined(separator: "\n"))
        for problem in problems.prefix(10) { StandardError.write("percept: \(problem)\n") }
        if problems.count > 10 { StandardError.write("percept: \(problems.count - 10) more files were left out\n") }
    }

    private func inspectBundle() throws {
        let bundle = try DecoderBundle(opening: URL(fileURLWithPath: path))
        print(json ? try Self.encode(bundle.manifest) : BundleText.describe(bundle.manifest, path: path))
        guard verify else { return }
        let damaged = try bundle.damagedFiles()
        guard damaged.isEmpty else {
            let names = damaged.joined(separator: ", ")
            throw CommandFailure(.badData, "\(path): \(names) are not what bundle.json records; import it again")
        }
        StandardError.write("percept: all files are as recorded\n")
    }

    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
