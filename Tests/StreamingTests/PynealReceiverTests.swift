import Neuroimaging
import Testing
import WireFormat

@testable import Streaming

@Suite("Pyneal receiver")
struct PynealReceiverTests {
    private let start = ContinuousClock.now

    private func receiver(planned: Int? = nil, silence: Double = 30) -> PynealReceiver {
        PynealReceiver(
            .init(session: "s", plannedVolumes: planned, repetitionTime: 2, largestVolume: 1 << 20, silence: silence),
            names: PeerRunNames()
        )
    }

    private func message(_ index: Int) throws -> [[UInt8]] {
        let volume = try SmallRun.volume(index)
        let header = PynealHeader(
            volumeIndex: index,
            dataType: .int16,
            shape: volume.grid.shape,
            affine: volume.grid.affine.numbers
        )
        return [header.encoded, PynealPayload.payload(volume.bytes, header)]
    }

    private func arrival(_ seconds: Double = 0) -> Arrival { Arrival(instant: start + .seconds(seconds), time: 0) }

    private func words(_ inputs: [ScannerInput]) -> [String] {
        inputs.map { input in
            switch input {
            case .runStart(let run, _): "start \(run.run)"
            case .volume(let volume): "\(volume.run) \(volume.index)"
            case .runEnd(_, let run, _): "end \(run)"
            case .fault(let fault): fault.code.rawValue
            case .event, .trigger: "?"
            }
        }
    }

    @Test("a greeting is echoed, and the first volume begins a run")
    func beginning() throws {
        var receiver = receiver()
        let greeting = Array("hello from pyneal_scanner ".utf8)
        let (inputs, answer) = receiver.take([greeting], at: arrival())
        #expect(words(inputs) == ["connected"])
        #expect(answer == greeting)
        let (volumes, received) = receiver.take(try message(0), at: arrival())
        #expect(words(volumes) == ["start run-1", "run-1 0"])
        #expect(String(decoding: received, as: UTF8.self) == "received volIdx 0")
        guard case .volume(let volume) = volumes.last else { return }
        #expect(volume.volume == (try SmallRun.volume(0)))
        #expect(volume.repetitionTime == 2)
        #expect(words(receiver.take(try message(1), at: arrival()).inputs) == ["run-1 1"])
    }

    @Test("a sender that starts again begins a run where it counts anew, and goes on where it goes on")
    func restart() throws {
        var receiver = receiver()
        var said: [String] = []
        for index in [0, 1, 2] { said += words(receiver.take(try message(index), at: arrival()).inputs) }
        _ = receiver.take([Array("hello".utf8)], at: arrival())
        for index in [3, 4] { said += words(receiver.take(try message(index), at: arrival()).inputs) }
        _ = receiver.take([Array("hello".utf8)], at: arrival())
        for index in [2, 3, 0, 0] { said += words(receiver.take(try message(index), at: arrival()).inputs) }
        #expect(
            said == [
                "start run-1", "run-1 0", "run-1 1", "run-1 2", "run-1 3", "run-1 4", "end run-1", "start run-2",
                "run-2 2", "run-2 3", "end run-2", "start run-3", "run-3 0", "run-3 0",
            ]
        )
    }

    @Test("a run ends with silence, and sooner once the planned volumes are in")
    func ends() throws {
        var receiver = receiver(planned: 3, silence: 30)
        _ = receiver.take(try message(0), at: arrival())
        #expect(receiver.checkSilence(at: start + .seconds(29)).isEmpty)
        _ = receiver.take(try message(2), at: arrival(29))
        #expect(receiver.checkSilence(at: start + .seconds(34)).isEmpty)
        #expect(words(receiver.checkSilence(at: start + .seconds(36))) == ["end run-1"])
        #expect(receiver.deadline == nil)
        _ = receiver.take(try message(0), at: arrival(100))
        #expect(words(receiver.checkSilence(at: start + .seconds(131))) == ["end run-2"])
    }

    @Test("whatever is wrong is reported and answered, and the run goes on")
    func refusals() throws {
        var receiver = receiver()
        _ = receiver.take(try message(0), at: arrival())
        let good = try message(1)
        let wrong: [([[UInt8]], String)] = [
            ([good[0]], "malformed"), ([good[0], good[1], []], "malformed"),
            ([good[0], Array(good[1].dropLast())], "corrupt"),
            ([Array(good[0].dropLast()), good[1]], "malformed"), ([[], []], "malformed"), ([], "malformed"),
            ([[UInt8](repeating: 0x20, count: 2000)], "malformed"),
            (
                [
                    Array(
                        String(decoding: good[0], as: UTF8.self).replacing("[7, 6, 5]", with: "[700, 600, 500]").utf8
                    ), good[1],
                ], "tooLarge"
            ),
        ]
        for (parts, code) in wrong {
            let (inputs, answer) = receiver.take(parts, at: arrival())
            #expect(words(inputs) == [code])
            #expect(String(decoding: answer, as: UTF8.self) == "refused")
        }
        #expect(words(receiver.take(good, at: arrival()).inputs) == ["run-1 1"])
    }
}
