import Decoder
import Neuroimaging
import Preprocessing
import Sessions
import Settings
import Streaming
import Weights

/// How the daemon ends, as in `sysexits.h`; a service manager decides by it whether to start it again.
public enum ExitStatus: Int32, Sendable {
    /// Wrong arguments.
    case usage = 64
    /// A file is not there or cannot be read.
    case noInput = 66
    /// Something of this machine cannot be used, such as an address.
    case unavailable = 69
    /// A mistake of the program.
    case `internal` = 70
    /// A file cannot be written.
    case cannotCreate = 73
    /// It may work next time.
    case temporary = 75
    /// The settings, the bundle or keys are wrong.
    case configuration = 78

    /// What an error means for the one who starts the daemon.
    public init(_ error: any Error) {
        self =
            switch error {
            case let error as SettingsError: error.code == .unreadable ? .noInput : .configuration
            case let error as LiveError:
                switch error.code {
                case .bundle, .configuration: .configuration
                case .unavailable: .unavailable
                }
            case let error as StreamingError: Self.of(error.code)
            case let error as SessionError: Self.of(error.code)
            case let error as BundleError:
                switch error.code {
                case .notFound, .unreadable: .noInput
                case .unwritable, .alreadyExists: .cannotCreate
                case .invalid, .unsuitableCheckpoint: .configuration
                }
            case let error as WeightsError: [.unreadable, .missing].contains(error.code) ? .noInput : .configuration
            case let error as NeuroimagingError:
                [.unreadable, .missing].contains(error.code) ? .noInput : .configuration
            case is PreprocessingError: .configuration
            case is CancellationError: .temporary
            default: .internal
            }
    }

    private static func of(_ code: StreamingError.Code) -> ExitStatus {
        switch code {
        case .address, .system: .unavailable
        case .insecure: .configuration
        case .key, .unreadable: .noInput
        case .unwritable: .cannotCreate
        case .timeout: .temporary
        }
    }

    private static func of(_ code: SessionError.Code) -> ExitStatus {
        switch code {
        case .missing, .unreadable: .noInput
        case .unwritable, .diskFull: .cannotCreate
        case .damaged, .inconsistent: .configuration
        }
    }
}
