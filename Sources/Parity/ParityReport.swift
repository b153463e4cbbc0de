import Foundation

/// What a comparison found.
public struct ParityReport: Sendable {
    /// All checks.
    public private(set) var checks: [ParityCheck] = []
    /// Groups whose files the folder does not have.
    public private(set) var skipped: [String] = []
    /// Arrays that no check read, as `file: names`.
    public private(set) var unread: [String] = []

    /// The number of checks that passed.
    public var passedCount: Int { checks.count { $0.passed } }
    /// The number of checks that failed.
    public var failedCount: Int { checks.count - passedCount }
    /// Whether there was something to check and all of it passed.
    public var passed: Bool { !checks.isEmpty && failedCount == 0 }

    /// Runs groups on a folder.
    /// - Parameter line: receives the report line by line, as it comes about.
    public static func run(
        _ groups: [any ParityGroup.Type] = ParityGroups.all,
        in folder: FixtureFolder,
        line: (String) -> Void = { _ in }
    ) -> ParityReport {
        var report = ParityReport()
        for group in groups { report.run(group, in: folder, line) }
        for (file, names) in folder.unreadArrays {
            report.unread.append("\(file): \(names.joined(separator: ", "))")
            line("unchecked \(file): \(names.joined(separator: ", "))")
        }
        line("\(report.passedCount) passed, \(report.failedCount) failed")
        return report
    }

    private mutating func run(_ group: any ParityGroup.Type, in folder: FixtureFolder, _ line: (String) -> Void) {
        let name = String(describing: group)
        let absent = group.files.filter { !folder.has($0) }
        guard absent.isEmpty else {
            let promised = absent.filter { folder.describes($0) }
            if promised.isEmpty {
                skipped.append(name)
                line("skipped  \(name): the folder has no \(absent.joined(separator: ", "))")
            } else {
                let detail = "the manifest describes \(promised.joined(separator: ", ")), but the folder has it not"
                append([ParityCheck(name, failure: ParityError(.missing, folder.url.path, detail))], line)
            }
            return
        }
        do {
            append(try group.init().checks(in: folder), line)
        } catch {
            append([ParityCheck(name, failure: error)], line)
        }
    }

    private mutating func append(_ new: [ParityCheck], _ line: (String) -> Void) {
        checks += new
        for check in new { line(Self.line(check)) }
    }

    /// The line of a check: whether it passed, its name, its worst error and the tolerance, and why it failed.
    public static func line(_ check: ParityCheck) -> String {
        let numbers = String(format: "%.2e of %.2e", check.worstError, check.tolerance)
        let detail = check.detail.isEmpty ? "" : "  \(check.detail.replacingOccurrences(of: "\n", with: " "))"
        return "\(check.passed ? "ok      " : "FAILED  ") \(check.name)  \(numbers)\(detail)"
    }
}
