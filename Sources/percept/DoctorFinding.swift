import Foundation

/// What an examination found about one thing.
struct DoctorFinding: Codable, Equatable {
    /// How it is.
    enum Level: String, Codable {
        case ok
        case warning
        case failed
    }

    let level: Level
    /// What was examined.
    let subject: String
    /// What was found.
    let detail: String
    /// What to do; empty if nothing.
    let remedy: String

    static func ok(_ subject: String, _ detail: String) -> Self {
        DoctorFinding(level: .ok, subject: subject, detail: detail, remedy: "")
    }

    static func warning(_ subject: String, _ detail: String, _ remedy: String) -> Self {
        DoctorFinding(level: .warning, subject: subject, detail: detail, remedy: remedy)
    }

    static func failed(_ subject: String, _ detail: String, _ remedy: String) -> Self {
        DoctorFinding(level: .failed, subject: subject, detail: detail, remedy: remedy)
    }

    /// A line for a person.
    var text: String {
        let name = level.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
        return "\(name)\(subject): \(detail)\(remedy.isEmpty ? "" : "; \(remedy)")"
    }
}
