import Neuroimaging
import Testing

@testable import Live

@Suite("Clocks of a run")
struct AcquisitionClockTests {
    static let start = ContinuousClock.now

    /// A run that began at 1000 s of wall time and `start` on the steady clock; a volume arrives `delay` s after its end.
    func volume(_ index: Int, delay: Double, acquiredAt: Double? = nil, wallStep: Double = 0) -> IncomingVolume {
        let end = Double(index + 1) * 2 + delay
        return IncomingVolume(
            session: "s",
            run: "r",
            index: index,
            volume: StoredVolume(Volume(zeros: VoxelGrid(shape: [1, 1, 1], affine: .identity))),
            acquiredAt: acquiredAt,
            arrival: Arrival(instant: Self.start + .seconds(end), time: 1000 + end + wallStep)
        )
    }

    func event(_ onset: IncomingEvent.Onset, arrivedAfter seconds: Double = 0) -> IncomingEvent {
        IncomingEvent(
            session: "s",
            run: "r",
            event: StimulusEvent(onset: 0, duration: nil),
            onset: onset,
            arrival: Arrival(instant: Self.start + .seconds(seconds), time: 1000 + seconds)
        )
    }

    @Test("an onset in the run's time is taken as it is; others wait until something is known")
    func given() throws {
        let clock = AcquisitionClock(repetitionTime: 2)
        #expect(try #require(clock.onset(of: event(.run(12.5)))) == (12.5, .given))
        #expect(clock.onset(of: event(.clock(1012))) == nil)
        #expect(clock.onset(of: event(.arrival)) == nil)
    }

    @Test("the earliest bound by arrivals is the start of the run, whatever the wall clock does")
    func arrivals() throws {
        var clock = AcquisitionClock(repetitionTime: 2)
        for (index, delay) in [0.4, 0.1, 0.9].enumerated() {
            clock.observe(volume(index, delay: delay, wallStep: index == 2 ? 3600 : 0))
        }
        let (seconds, rule) = try #require(clock.onset(of: event(.arrival, arrivedAfter: 7)))
        #expect(abs(seconds - 6.9) < 1e-9)
        #expect(rule == .arrival)
    }

    @Test("acquisition times tie the scanner's clock, with an offset where the stimulus computer's is ahead")
    func acquisition() throws {
        var clock = AcquisitionClock(repetitionTime: 2, offset: 5)
        clock.observe(volume(3, delay: 0.2, acquiredAt: 1006.01))
        clock.observe(volume(4, delay: 0.2, acquiredAt: 1008))
        let (seconds, rule) = try #require(clock.onset(of: event(.clock(1017))))
        #expect(abs(seconds - 12) < 1e-9)
        #expect(rule == .acquisition)
    }

    @Test("a pulse on the stimulus computer's clock counts more than anything else")
    func triggers() throws {
        var clock = AcquisitionClock(repetitionTime: 2, offset: 5)
        clock.observe(volume(0, delay: 0.2, acquiredAt: 1000))
        let arrival = Arrival(instant: Self.start, time: 0)
        clock.observe(IncomingTrigger(session: "s", run: "r", volume: 0, time: 77.02, arrival: arrival))
        clock.observe(IncomingTrigger(session: "s", run: "r", volume: 1, time: 79, arrival: arrival))
        let (seconds, rule) = try #require(clock.onset(of: event(.clock(90))))
        #expect(abs(seconds - 13) < 1e-9)
        #expect(rule == .trigger)
    }
}
