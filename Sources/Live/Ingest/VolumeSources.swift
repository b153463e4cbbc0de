import Foundation
import Neuroimaging
import Sessions
import Settings
import Streaming
import WireFormat

/// Makes the source of volumes that the settings name.
enum VolumeSources {
    /// The source; nothing is opened before it runs.
    ///
    /// Throws what reading the log of earlier sessions throws.
    static func make(_ settings: DaemonSettings) throws -> any VolumeSource {
        switch settings.input {
        case .percept(let input):
            var limits = MessageLimits()
            limits.voxels = settings.ingest.largestVolume
            return PerceptSource(input, security: settings.security, limits: limits)
        case .pyneal(let input):
            let session = try sessionName(settings)
            return PynealSource(
                settings: input,
                session: session,
                plannedVolumes: settings.session.plannedVolumes,
                repetitionTime: settings.session.repetitionTime,
                takenNames: try runNames(session, settings)
            )
        case .afni(let input):
            let session = try sessionName(settings)
            return AFNISource(settings: input, session: session, takenNames: try runNames(session, settings))
        case .folder(let input):
            return FolderSource(settings: input, session: try sessionName(settings), defaults: settings.session)
        }
    }

    /// The session for sources that know none: the configured one, the one that was interrupted, or a new one.
    private static func sessionName(_ settings: DaemonSettings) throws -> String {
        if let name = settings.session.name { return name }
        if let log = try log(settings), let name = try RunRecovery.sessionLeft(log) { return name }
        let format = Date.VerbatimFormatStyle(
            format: """
                \(year: .defaultDigits)\(month: .twoDigits)\(day: .twoDigits)-\
                \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))\(minute: .twoDigits)\
                \(second: .twoDigits)
                """,
            timeZone: .current,
            calendar: Calendar(identifier: .gregorian)
        )
        return "session-" + Date().formatted(format)
    }

    /// The names of a session's runs: peers that know no names of runs get new ones.
    private static func runNames(_ session: String, _ settings: DaemonSettings) throws -> Set<String> {
        guard let log = try log(settings), let id = try log.session(named: session)?.id else { return [] }
        return Set(
            try log.runs(ofSession: id).map { RunNames.source(of: RunKey(session: session, run: $0.name)).key.run }
        )
    }

    private static func log(_ settings: DaemonSettings) throws -> SessionLog? {
        let store = SessionStore(folder: URL(fileURLWithPath: settings.state))
        guard FileManager.default.fileExists(atPath: store.logPath) else { return nil }
        do throws(SessionError) {
            // Opened for writing, a log of an earlier version becomes one of this.
            return try store.openLog()
        } catch {
            guard error.code == .diskFull else { throw error }
            return nil
        }
    }
}
