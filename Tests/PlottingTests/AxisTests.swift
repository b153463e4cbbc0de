import Testing

@testable import Plotting

@Suite("An axis")
struct AxisTests {
    @Test("has ticks at round numbers")
    func ticks() {
        #expect(Axis(lower: 0, upper: 10).ticks(count: 5).map(\.label) == ["0", "2", "4", "6", "8", "10"])
        #expect(
            Axis(lower: -0.3, upper: 0.31).ticks(count: 6).map(\.label) == [
                "-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "0.3",
            ]
        )
        #expect(Axis(lower: 0, upper: 299).ticks(count: 6).map(\.label) == ["0", "50", "100", "150", "200", "250"])
        #expect(Axis(lower: 0, upper: 0.004).ticks(count: 4).map(\.value).count == 5)
        #expect(Axis(lower: 0, upper: 1e-4).ticks(count: 2).map(\.label) == ["0", "5e-5", "1e-4"])
        #expect(
            Axis(lower: 1e6, upper: 3e6).ticks(count: 4).map(\.label) == ["1e6", "1.5e6", "2e6", "2.5e6", "3e6"]
        )
    }

    @Test("writes labels without needless digits")
    func labels() {
        let cases = [
            (0, 3, "0"), (25, -2, "0.25"), (-25, -1, "-2.5"), (1, -4, "0.0001"), (12, -6, "1.2e-5"), (5, 4, "50000"),
            (120, 3, "120000"), (15, 5, "1.5e6"), (-1, 7, "-1e7"), (1250, -3, "1.25"),
        ]
        for (digits, exponent, label) in cases { #expect(Axis.label(digits, exponent) == label) }
    }

    @Test("has decades where it is logarithmic, and values between them where there are few")
    func logarithmic() {
        let wide = Axis([1e-3, 1e4], isLogarithmic: true)
        #expect(wide.ticks(count: 8).map(\.label) == ["0.001", "0.01", "0.1", "1", "10", "100", "1000", "10000"])
        #expect(wide.position(1e4) == 1)
        #expect(wide.position(0) == nil && wide.position(-1) == nil)
        #expect(
            Axis([2, 60], isLogarithmic: true).ticks(count: 6).map(\.label) == [
                "2", "3", "5", "7", "10", "20", "30", "50",
            ]
        )
    }

    @Test("holds all finite values with a margin, and begins at 0 where that is near")
    func range() {
        let axis = Axis([.nan, 2, 4, .infinity], margin: 0.1)
        #expect(axis.lower == 1.8 && axis.upper == 4.2)
        #expect(Axis([0.1, 4], margin: 0.1).lower == 0)
        #expect(axis.position(1.8) == 0 && axis.position(4.2) == 1)
        #expect(axis.position(.infinity) == nil && axis.position(.nan) == nil)
        let constant = Axis([5, 5])
        #expect(constant.lower == 4.5 && constant.upper == 5.5)
        let empty = Axis([])
        #expect(empty.lower == 0 && empty.upper == 1)
    }

    @Test("has neither too many ticks nor labels of the same text")
    func amount() {
        for (lower, upper) in [(0, 1), (-1, 1e-3), (1e-9, 2e-9), (100, 101), (-1e12, 1e12), (0.123, 0.124)] {
            for count in 2...12 {
                let ticks = Axis(lower: lower, upper: upper).ticks(count: count)
                #expect((1...count * 7 / 4 + 1).contains(ticks.count), "\(lower) \(upper) \(count): \(ticks)")
                #expect(Set(ticks.map(\.label)).count == ticks.count)
            }
        }
    }
}
