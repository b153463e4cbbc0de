import Foundation
import SharedMaterial

/// Runs the `percept` that was built together with these tests.
enum PerceptProcess {
    struct Result {
        let status: Int32
        let output: String
        let error: String
    }

    /// The executable, which the build leaves beside the tests.
    static var executable: URL? { BuiltExecutable.named("percept") }

    /// Starts it, with nothing to read from it.
    static func start(_ arguments: [String]) throws -> Process {
        guard let executable else { throw CocoaError(.fileNoSuchFile) }
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Runs it to the end.
    static func run(_ arguments: [String], input: String = "") throws -> Result {
        guard let executable else { throw CocoaError(.fileNoSuchFile) }
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        let (output, error, standardInput) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = error
        process.standardInput = standardInput
        try process.run()
        // Both pipes hold far more than these commands write to standard error.
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus,
            output: String(decoding: text, as: UTF8.self),
            error: String(decoding: complaint, as: UTF8.self)
        )
    }
}
