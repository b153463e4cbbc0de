import Foundation
import GRDB
import Neuroimaging
import Testing

@testable import Sessions

@Suite("The session log")
struct SessionLogTests {
    private let folder: TemporaryFolder
    private let log: SessionLog

    init() throws {
        folder = try TemporaryFolder()
        log = try SessionLog(path: folder.file("sessions.sqlite").path)
    }

    @Test("gives back every record as it was stored")
    func roundTrip() throws {
        let (session, run, trial) = try log.write { transaction in
            let session = try transaction.inserted(SampleRecords.session())
            let run = try transaction.inserted(SampleRecords.run(#require(session.id)))
            let trial = try transaction.inserted(SampleRecords.trial(#require(run.id)))
            return (session, run, trial)
        }
        let id = try #require(run.id)
        let volume = try log.insert(SampleRecords.volume(id, 0))
        let event = try log.insert(SampleRecords.event(id))
        let image = try log.insert(SampleRecords.reconstruction(trial))
        let fault = try log.insert(
            FaultRecord(
                sessionID: session.id,
                runID: id,
                at: 1,
                severity: .warning,
                code: "lost",
                subject: "s",
                detail: "d",
                count: 3
            )
        )
        let checkpoint = try log.insert(CheckpointRecord(runID: id, nextVolume: 24, file: "f", sha256: "00"))
        let statistics = try log.insert(
            StatisticsRecord(runID: id, readout: 0, means: [0.1, -.pi], deviations: [1e-300, 2])
        )
        #expect(try log.sessions() == [session])
        #expect(try log.session(named: "visit 1") == session)
        #expect(try log.runs(ofSession: #require(session.id)) == [run])
        #expect(run.grid == SampleRecords.grid)
        #expect(try log.volumes(ofRun: id) == [volume])
        #expect(try log.events(ofRun: id) == [event])
        #expect(event.event == SampleRecords.event(id).event)
        #expect(try log.trials(ofRun: id) == [trial])
        #expect(try log.reconstructions(ofRun: id) == [image])
        #expect(image.seed == UInt64.max - 1)
        #expect(try log.faults(ofSession: session.id) == [fault])
        #expect(try log.lastCheckpoint(ofRun: id) == checkpoint)
        #expect(try log.latestStatistics(ofSession: #require(session.id)) == [statistics])
        #expect(try log.integrityProblems() == [])
    }

    @Test("keeps patterns as little-endian single precision, so that other programs can read them")
    func packed() throws {
        let session = try log.insert(SampleRecords.session())
        let run = try log.insert(SampleRecords.run(#require(session.id)))
        try log.insert(
            TrialRecord(
                runID: #require(run.id),
                trial: 0,
                readout: 0,
                delay: 0,
                isFinal: true,
                lastVolume: 0,
                isStandardized: false,
                pattern: [1, -2]
            )
        )
        let queue = try DatabaseQueue(path: log.path)
        let bytes = try queue.read { try Data.fetchOne($0, sql: "SELECT pattern FROM trial") }
        #expect(bytes == Data([0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]))
        let row = try queue.read { try Row.fetchOne($0, sql: "SELECT typeof(latencies), mean, deviation FROM trial") }
        #expect(row?[0] == "text" && row?[1] == -0.5 && row?[2] == 1.5)
    }

    @Test("knows what a restarted daemon needs")
    func afterCrash() throws {
        let session = try #require(try log.insert(SampleRecords.session()).id)
        var first = try log.insert(SampleRecords.run(session, "1"))
        first.state = .ended
        try log.update(first)
        #expect(try log.lastRun()?.run == first)
        let second = try log.insert(SampleRecords.run(session, "2"))
        #expect(try log.lastRun()?.run == second)
        #expect(try log.lastRun()?.session.id == session)
        let id = try #require(second.id)
        #expect(try log.lastPosition(ofRun: id) == nil)
        for arrival in [1, 0, 2] {
            var volume = SampleRecords.volume(id, arrival)
            volume.position = StreamPosition(publisher: "a", sequence: UInt64(10 + arrival))
            try log.insert(volume)
        }
        #expect(try log.volumes(ofRun: id, from: 1).map(\.arrival) == [1, 2])
        #expect(try log.lastVolume(ofRun: id)?.arrival == 2)
        #expect(try log.lastPosition(ofRun: id) == StreamPosition(publisher: "a", sequence: 12))
        var event = SampleRecords.event(id)
        event.position = StreamPosition(publisher: "a", sequence: 13)
        try log.insert(event)
        #expect(try log.lastPosition(ofRun: id) == StreamPosition(publisher: "a", sequence: 13))
        let trial = try log.insert(SampleRecords.trial(id, 4, readout: 1))
        try log.insert(SampleRecords.reconstruction(trial, sample: 2))
        let outputs = try log.storedOutputs(ofRun: id)
        #expect(outputs.trials == [.init(trial: 4, readout: 1, sample: nil)])
        #expect(outputs.reconstructions == [.init(trial: 4, readout: 1, sample: 2)])
        #expect(try log.trial(4, readout: 1, ofRun: id) == trial)
        try log.insert(StatisticsRecord(runID: #require(first.id), readout: 0, means: [1], deviations: [2]))
        #expect(try log.latestStatistics(ofSession: session).map(\.means) == [[1]])
    }

    @Test("undoes a transaction that fails, and says why")
    func rollback() throws {
        let session = try log.insert(SampleRecords.session())
        #expect(throws: SessionError.self) {
            try log.write { transaction in
                _ = try transaction.inserted(SampleRecords.run(#require(session.id)))
                _ = try transaction.inserted(SampleRecords.session())
            }
        }
        #expect(try log.runs(ofSession: #require(session.id)) == [])
        let error = #expect(throws: SessionError.self) { try log.insert(SampleRecords.volume(77, 0)) }
        #expect(error?.code == .inconsistent)
        var run = SampleRecords.run(try #require(session.id))
        run.id = 99
        #expect(#expect(throws: SessionError.self) { try log.update(run) }?.code == .missing)
    }
}
