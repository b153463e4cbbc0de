import Neuroimaging
import Testing

@testable import Live

@Suite("The order of volumes")
struct VolumeSequencerTests {
    static let start = ContinuousClock.now

    static func volume(_ index: Int) -> IncomingVolume {
        IncomingVolume(
            session: "s",
            run: "r",
            index: index,
            volume: StoredVolume(Volume(zeros: VoxelGrid(shape: [1, 1, 1], affine: .identity))),
            arrival: Arrival(instant: start, time: 0)
        )
    }

    /// What a sequencer did with volumes.
    struct History: Equatable {
        var processed: [Int] = []
        var duplicates = 0
        var late = 0
        var refused = 0
        var missing: [Int] = []

        mutating func add(_ outcome: VolumeSequencer.Outcome) {
            processed += outcome.ready.map(\.index)
            missing += outcome.missing.flatMap { Array($0) }
            for (_, verdict) in outcome.rejected {
                switch verdict {
                case .duplicate: duplicates += 1
                case .late: late += 1
                case .refused: refused += 1
                case .processed: break
                }
            }
        }
    }

    static func history(_ indices: [Int]) -> History {
        var sequencer = VolumeSequencer(patience: .seconds(1))
        var history = History()
        for index in indices { history.add(sequencer.accept(volume(index), now: start)) }
        history.add(sequencer.finish())
        return history
    }

    @Test("every arrangement of four messages over four volumes is accounted for exactly")
    func allPatterns() {
        for code in 0..<256 {
            let indices = (0..<4).map { code >> (2 * $0) & 3 }
            let history = Self.history(indices)
            let distinct = Set(indices)
            // Nothing is given up before the end, so whatever came is processed once, in order.
            #expect(history.processed == distinct.sorted())
            #expect(history.duplicates == 4 - distinct.count)
            #expect(history.missing == (0..<(distinct.max() ?? 0)).filter { !distinct.contains($0) })
            #expect(history.late == 0)
        }
    }

    @Test("a missing volume is waited for until the deadline, given up, and late when it still comes")
    func deadline() {
        var sequencer = VolumeSequencer(patience: .seconds(1))
        var history = History()
        history.add(sequencer.accept(Self.volume(0), now: Self.start))
        history.add(sequencer.accept(Self.volume(2), now: Self.start))
        history.add(sequencer.accept(Self.volume(3), now: Self.start + .milliseconds(500)))
        #expect(sequencer.deadline == Self.start + .seconds(1))
        history.add(sequencer.expire(now: Self.start + .milliseconds(900)))
        #expect(history.processed == [0])
        history.add(sequencer.expire(now: Self.start + .seconds(1)))
        #expect(history == History(processed: [0, 2, 3], missing: [1]))
        #expect(sequencer.deadline == nil)
        history.add(sequencer.accept(Self.volume(1), now: Self.start + .seconds(2)))
        history.add(sequencer.accept(Self.volume(1), now: Self.start + .seconds(2)))
        #expect((history.late, history.duplicates) == (1, 1))
    }

    @Test("a volume that comes within the deadline closes the gap, and a second gap has a deadline of its own")
    func repaired() {
        var sequencer = VolumeSequencer(patience: .seconds(1))
        var history = History()
        history.add(sequencer.accept(Self.volume(1), now: Self.start))
        history.add(sequencer.accept(Self.volume(3), now: Self.start + .milliseconds(800)))
        history.add(sequencer.accept(Self.volume(0), now: Self.start + .milliseconds(900)))
        #expect(history == History(processed: [0, 1]))
        #expect(sequencer.deadline == Self.start + .milliseconds(1900))
        history.add(sequencer.accept(Self.volume(2), now: Self.start + .seconds(1)))
        #expect(history == History(processed: [0, 1, 2, 3]))
        #expect(sequencer.deadline == nil)
    }

    @Test("a volume that was dropped on the way is not waited for and not counted as missing")
    func dropped() {
        for order in [[0, 1], [1, 0]] {
            var sequencer = VolumeSequencer(patience: .seconds(1))
            var history = History()
            history.add(sequencer.accept(Self.volume(0), now: Self.start))
            for step in order {
                if step == 0 {
                    history.add(sequencer.giveUp(1))
                } else {
                    history.add(sequencer.accept(Self.volume(2), now: Self.start))
                }
            }
            #expect(history == History(processed: [0, 2]))
        }
        var sequencer = VolumeSequencer(patience: .seconds(1))
        var history = History()
        history.add(sequencer.giveUp(2))
        history.add(sequencer.accept(Self.volume(4), now: Self.start))
        history.add(sequencer.finish())
        #expect(history == History(processed: [4], missing: [0, 1, 3]))
    }

    @Test("no more volumes wait than the capacity, and one far ahead is refused")
    func limits() {
        var sequencer = VolumeSequencer(patience: .seconds(1), capacity: 3, reach: 100)
        var history = History()
        for index in [2, 3, 4, 5] { history.add(sequencer.accept(Self.volume(index), now: Self.start)) }
        #expect(history == History(processed: [2, 3, 4, 5], missing: [0, 1]))
        history.add(sequencer.accept(Self.volume(1_000_000), now: Self.start))
        #expect(history.refused == 1)
        #expect(sequencer.next == 6)
    }
}
