import Foundation
import Testing

@testable import Streaming

@Suite("Files that are not read yet")
struct PendingFilesTests {
    let start = ContinuousClock.now
    var pending = PendingFiles(quiet: .seconds(1), settleTime: .seconds(4))

    func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    func stamp(_ size: Int) -> FileStamp {
        var status = stat()
        (status.st_mode, status.st_size, status.st_ino) = (S_IFREG, size, 7)
        return FileStamp(status)
    }

    @Test("are read at once when their writer says that it is done")
    mutating func finished() {
        pending.note("a", isFinished: true, at: at(0))
        #expect(pending.due(at: at(0)) == ["a"])
        #expect(pending.decide("a", stamp(9), at: at(0)) == .read)
    }

    @Test("are read when they have not changed for a while, in the order in which they came")
    mutating func quiet() {
        pending.note("b", isFinished: false, at: at(0))
        pending.note("a", isFinished: false, at: at(0))
        #expect(pending.due(at: at(0.9)).isEmpty && pending.nextDeadline == at(1))
        #expect(pending.due(at: at(1)) == ["b", "a"])
        #expect(pending.decide("a", stamp(9), at: at(1)) == .read)
        #expect(pending.decide("b", stamp(9), at: at(0.5)) == .wait)
        #expect(pending.decide("b", stamp(12), at: at(1)) == .wait)
        #expect(pending.decide("b", stamp(12), at: at(1.9)) == .wait)
        #expect(pending.decide("b", stamp(12), at: at(2)) == .read)
    }

    @Test("that are cut short are given up only when they have not grown for the settle time")
    mutating func settling() {
        let problem = FolderFile.Problem.incomplete("short")
        pending.note("a", isFinished: true, at: at(0))
        #expect(pending.decide("a", stamp(9), at: at(0)) == .read)
        #expect(pending.note(problem, of: "a", at: at(0)) == .wait)
        #expect(pending.nextDeadline == at(4))
        #expect(pending.decide("a", stamp(12), at: at(4)) == .read)
        #expect(pending.note(problem, of: "a", at: at(4)) == .wait)
        #expect(pending.decide("a", stamp(12), at: at(7)) == .wait)
        #expect(pending.decide("a", stamp(12), at: at(8)) == .giveUp(problem))
    }

    @Test("that go away are lost unless they turn up under another name")
    mutating func lost() {
        pending.note("a", isFinished: false, at: at(0))
        pending.note("b", isFinished: false, at: at(0))
        pending.vanish("a", at: at(1))
        pending.vanish("b", at: at(1))
        pending.rename("a", to: "c", at: at(2))
        #expect(pending.lost(at: at(4)).isEmpty)
        #expect(pending.lost(at: at(5)) == ["b"])
        #expect(pending.lost(at: at(9)).isEmpty && pending.due(at: at(9)) == ["c"])
    }

    @Test("of another kind are told at once where the writer is done, else when they settle")
    mutating func foreign() {
        let problem = FolderFile.Problem.foreign("text")
        pending.note("a", isFinished: true, at: at(0))
        _ = pending.decide("a", stamp(9), at: at(0))
        #expect(pending.note(problem, of: "a", at: at(0)) == .giveUp(problem))
        pending.note("b", isFinished: false, at: at(0))
        _ = pending.decide("b", stamp(9), at: at(1))
        #expect(pending.note(problem, of: "b", at: at(1)) == .wait)
    }
}

@Suite("Names of runs")
struct RunNameTests {
    @Test("differ, stay, and come out alike after a restart")
    func names() {
        var (first, second) = (FolderRunNames(), FolderRunNames())
        for key in ["1.2.3", "1.2.4", "1.2.5"] {
            #expect(first.name(of: key, wish: "series-5") == second.name(of: key, wish: "series-5"))
        }
        let names = ["1.2.3", "1.2.4", "1.2.5"].map { first.name(of: $0, wish: "another") }
        #expect(names[0] == "series-5" && Set(names).count == 3)
        #expect(first.name(of: "x", wish: "a b/ü") == "a-b--")
    }
}
