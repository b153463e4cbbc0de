import ArgumentParser
import Decoder
import Evaluation
import Foundation
import HDF5
import Images
import Live
import Neuroimaging
import Preprocessing
import Sessions
import Settings
import Simulation
import Streaming
import Terminal
import Training
import Weights
import WireFormat

/// Why a command ends early: an exit status of sysexits and one line for the user.
struct CommandFailure: Error, CustomStringConvertible {
    /// The exit statuses of sysexits that commands use.
    enum Status: Int32 {
        case usage = 64
        case badData = 65
        case noInput = 66
        case unavailable = 69
        case `internal` = 70
        case cannotCreate = 73
        case temporary = 75
        case configuration = 78
    }

    let status: Status
    let description: String

    init(_ status: Status, _ description: String) {
        self.status = status
        self.description = description
    }

    /// What any error means for the command line.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as BundleError: self.init(Self.status(of: error.code), error.description)
        case let error as WeightsError: self.init(Self.status(of: error.code), error.description)
        case let error as ImageError:
            self.init(error.code == .unwritable ? .cannotCreate : .badData, error.description)
        case let error as NeuroimagingError:
            let status: Status =
                switch error.code {
                case .unreadable, .missing: .noInput
                case .unwritable: .cannotCreate
                default: .badData
                }
            self.init(status, error.description)
        case let error as PreprocessingError:
            self.init(error.code == .configuration ? .configuration : .badData, error.description)
        case let error as LiveError:
            let status: Status =
                switch error.code {
                case .bundle: .badData
                case .configuration: .configuration
                case .unavailable: .unavailable
                }
            self.init(status, error.description)
        case let error as SessionError: self.init(Self.status(of: error.code), error.description)
        case let error as WireError: self.init(.badData, error.description)
        case let error as StreamingError: self.init(Self.status(of: error.code), error.description)
        case let error as DatasetError:
            self.init(error.code == .unreadable ? .noInput : .badData, error.description)
        case let error as HDF5Error:
            let status: Status =
                switch error.code {
                case .unreadable, .missing: .noInput
                case .unwritable: .cannotCreate
                case .damaged, .unsupported, .tooLarge: .badData
                }
            self.init(status, error.description)
        case let error as MetricError: self.init(.badData, error.description)
        case let error as ReportError: self.init(.cannotCreate, error.description)
        case let error as TrainingError:
            self.init(error.code == .unwritable ? .cannotCreate : .badData, error.description)
        case let error as SettingsError:
            self.init(error.code == .unreadable ? .noInput : .configuration, error.description)
        case let error as SimulationError:
            self.init(error.code == .configuration ? .configuration : .badData, error.description)
        case let error as TerminalError: self.init(.unavailable, error.description)
        case let error as TransformerConfigurationError: self.init(.badData, error.description)
        case let error as CocoaError where error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile:
            self.init(.noInput, error.localizedDescription)
        default: self.init(.internal, String(describing: error))
        }
    }

    private static func status(of code: BundleError.Code) -> Status {
        switch code {
        case .notFound, .unreadable: .noInput
        case .unwritable, .alreadyExists: .cannotCreate
        case .invalid, .unsuitableCheckpoint: .badData
        }
    }

    private static func status(of code: SessionError.Code) -> Status {
        switch code {
        case .missing, .unreadable: .noInput
        case .unwritable, .diskFull: .cannotCreate
        case .damaged, .inconsistent: .badData
        }
    }

    private static func status(of code: StreamingError.Code) -> Status {
        switch code {
        case .unreadable: .noInput
        case .unwritable: .cannotCreate
        case .address, .system: .unavailable
        case .insecure, .key: .configuration
        case .timeout: .temporary
        }
    }

    private static func status(of code: WeightsError.Code) -> Status {
        switch code {
        case .unreadable, .missing: .noInput
        case .unwritable: .cannotCreate
        default: .badData
        }
    }

    /// Runs a command's body; a failure becomes one line on standard error and an exit status.
    static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let code as ExitCode {
            throw code
        } catch let error as ValidationError {
            throw error
        } catch {
            let failure = CommandFailure(error)
            let line = failure.description.split(whereSeparator: \.isNewline).joined(separator: " ")
            StandardError.write("percept: \(line)\n")
            throw ExitCode(failure.status.rawValue)
        }
    }
}

/// The stream for messages and progress.
enum StandardError {
    /// Whether a person is watching.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
