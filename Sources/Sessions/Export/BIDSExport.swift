import Foundation
import Neuroimaging

/// Writes a session as a BIDS data set, with what came of it as derivatives.
struct BIDSExport {
    let session: SessionRecord
    let log: SessionLog
    let store: SessionStore
    private let names: BIDSNames
    /// The version of BIDS that the data set follows.
    private static let version = "1.10.0"

    init(session: SessionRecord, log: SessionLog, store: SessionStore) {
        (self.session, self.log, self.store) = (session, log, store)
        names = BIDSNames(session)
    }

    /// Fills an empty folder; returns what could not be read.
    func write(to folder: URL) throws -> [String] {
        guard let id = session.id else { throw SessionError(.missing, session.name, "the session is not stored") }
        let raw = try ExportFolder.make(names.folder, in: folder)
        let derivatives = try ExportFolder.make("derivatives/percept", in: folder)
        let derived = try ExportFolder.make(names.folder, in: derivatives)
        try describe(folder, derivatives)
        var problems: [String] = []
        for (number, run) in try log.runs(ofSession: id).enumerated() {
            guard let runID = run.id else { continue }
            let prefix = names.prefix(run, number: number + 1)
            let volumes = try log.volumes(ofRun: runID)
            let events = try log.events(ofRun: runID)
            let image = try RunImageExport(
                run,
                volumes: volumes,
                session: session.name,
                store: store,
                path: raw.appendingPathComponent(prefix + "bold.nii.gz").path
            )
            problems += image.problems
            let sidecar = Sidecar(run, missing: image.missing)
            try ExportFolder.write(json: sidecar, to: raw.appendingPathComponent(prefix + "bold.json"))
            if !events.isEmpty {
                let table = try EventTable(events.map(\.event.withoutLineBreaks)).table()
                try ExportFolder.write(table.content, to: raw.appendingPathComponent(prefix + "events.tsv"))
            }
            try DerivativeExport(log: log, run: runID, prefix: prefix).write(volumes, events, to: derived)
        }
        return problems
    }

    private func describe(_ folder: URL, _ derivatives: URL) throws {
        try ExportFolder.write(
            json: Description(Name: session.name, DatasetType: "raw", GeneratedBy: nil),
            to: folder.appendingPathComponent("dataset_description.json")
        )
        let words = session.software.split(separator: " ", maxSplits: 1)
        try ExportFolder.write(
            json: Description(
                Name: "\(session.name): real-time decoding",
                DatasetType: "derivative",
                GeneratedBy: [
                    Description.Program(
                        Name: words.first.map { String($0) } ?? "percept",
                        Version: words.count > 1 ? String(words[1]) : nil,
                        Description: "Bundle \(session.bundleHash ?? "none"), "
                            + "configuration \(session.configurationHash)"
                    )
                ]
            ),
            to: derivatives.appendingPathComponent("dataset_description.json")
        )
        let text = """
            The volumes of session “\(session.name)” as they came from the scanner.

            Volumes that were lost hold zeros; MissingVolumes in *_bold.json lists their numbers, from 0. What was computed
            while the session went on is in derivatives/percept.

            """
        try ExportFolder.write(text.utf8, to: folder.appendingPathComponent("README"))
    }

    /// A `dataset_description.json`, with the keys of BIDS.
    private struct Description: Encodable {
        struct Program: Encodable {
            var Name: String
            var Version: String?
            var Description: String
        }

        var Name: String
        var BIDSVersion = BIDSExport.version
        var DatasetType: String
        var GeneratedBy: [Program]?
    }

    /// A `_bold.json`, with the keys of BIDS.
    private struct Sidecar: Encodable {
        var TaskName: String
        var RepetitionTime: Double
        var NumberOfVolumesPlanned: Int
        var MissingVolumes: [Int]
        var RunName: String

        init(_ run: RunRecord, missing: [Int]) {
            (TaskName, RepetitionTime) = (run.task ?? "decoding", run.repetitionTime)
            (NumberOfVolumesPlanned, MissingVolumes, RunName) = (run.plannedVolumes, missing, run.name)
        }
    }
}

extension StimulusEvent {
    /// The event with spaces for line breaks, which tables cannot hold.
    fileprivate var withoutLineBreaks: StimulusEvent {
        StimulusEvent(
            onset: onset,
            duration: duration,
            trialType: trialType?.onOneLine,
            stimulusFile: stimulusFile?.onOneLine,
            modulation: modulation,
            attributes: Dictionary(attributes.map { ($0.key.onOneLine, $0.value.onOneLine) }) { first, _ in first }
        )
    }
}
