import Neuroimaging
import Testing

@Suite("The response to events at the times of volumes")
struct HemodynamicRegressorTests {
    let times = (0..<40).map { Double($0) * 2 }

    func check(_ values: [Double], _ golden: [Double], _ frames: [Int] = HemodynamicGolden.frames) {
        for (frame, value) in zip(frames, golden) {
            #expect(abs(values[frame] - value) < 2e-8, "volume \(frame): \(values[frame]) instead of \(value)")
        }
    }

    @Test("is nilearn's for 2 s between volumes", arguments: HemodynamicGolden.regressors2.keys.sorted())
    func regular(_ name: String) throws {
        let response = try #require(HemodynamicGolden.responses[name])
        let values = try response.regressor(HemodynamicGolden.events, frameTimes: times)
        check(values, try #require(HemodynamicGolden.regressors2[name]))
    }

    @Test("is nilearn's where the grid does not divide the repetition time, and where the first volume comes later")
    func otherGrids() throws {
        for (golden, count, time, first) in [
            (HemodynamicGolden.regressors23, 30, 2.3, 0.0), (HemodynamicGolden.regressors08, 80, 0.8, 0.4),
        ] {
            let times = (0..<count).map { first + Double($0) * time }
            for (name, values) in golden {
                let response = try #require(HemodynamicGolden.responses[name])
                check(try response.regressor(HemodynamicGolden.events, frameTimes: times), values)
            }
        }
    }

    @Test("is nilearn's for measured responses and for irregular volumes")
    func others() throws {
        let measured = try HemodynamicResponse(samples: HemodynamicGolden.samples, interval: 0.5)
        check(try measured.regressor(HemodynamicGolden.events, frameTimes: times), HemodynamicGolden.measured)
        let irregular = try HemodynamicResponse.spm.regressor(
            HemodynamicGolden.events,
            frameTimes: HemodynamicGolden.irregularTimes,
            oversampling: 20
        )
        check(irregular, HemodynamicGolden.irregular, Array(0..<10))
    }

    @Test("does not depend on what comes after a volume, not even for responses that begin at once")
    func causal() throws {
        let abrupt = try HemodynamicResponse(samples: [3, 2, 1], interval: 1)
        for response in [HemodynamicResponse.spm, HemodynamicResponse(.glover, .dispersionDerivative), abrupt] {
            let regressor = try HemodynamicRegressor(response, frameTimes: times)
            let all = regressor.values(of: HemodynamicGolden.events)
            for frame in times.indices {
                // Only what is known at the time of the volume: ends that lie ahead are not.
                let known = HemodynamicGolden.events.filter { $0.onset <= times[frame] }.map { event in
                    var event = event
                    if let duration = event.duration, event.onset + duration > times[frame] { event.duration = nil }
                    return event
                }
                #expect(regressor.value(at: frame, of: known) == all[frame])
            }
        }
    }

    @Test("of an event that goes on rises to the sum of the response")
    func running() throws {
        let event = StimulusEvent(onset: 10, duration: nil)
        var regressor = try HemodynamicRegressor(.spm, frameTimes: times)
        let values = regressor.values(of: [event])
        #expect(values.prefix(6).allSatisfy { $0 == 0 })
        #expect(abs(values[39] - 1) < 1e-9)
        regressor.unknownDuration = 4
        #expect(regressor.values(of: [event]) == regressor.values(of: [StimulusEvent(onset: 10, duration: 4)]))
    }

    @Test("leaves out what ended long before the run, and takes any onset")
    func extremes() throws {
        let regressor = try HemodynamicRegressor(.spm, frameTimes: times)
        let far = [
            StimulusEvent(onset: -100, duration: 20), StimulusEvent(onset: 1e300, duration: 1),
            StimulusEvent(onset: -1e300, duration: 0),
        ]
        #expect(regressor.values(of: far).allSatisfy { $0 == 0 })
        #expect(regressor.values(of: []).allSatisfy { $0 == 0 })
        let long = [StimulusEvent(onset: -1e300, duration: .greatestFiniteMagnitude)]
        #expect(abs(regressor.values(of: long)[39] - 1) < 1e-9)
    }

    @Test("needs times that rise")
    func failures() {
        for times in [[], [0], [0, 0], [0, 2, 1], [0, .nan], [0, .infinity], [-1e9, -1e9 + 1]] as [[Double]] {
            #expect(throws: NeuroimagingError.self) { try HemodynamicRegressor(.spm, frameTimes: times) }
        }
    }
}
