import Testing

@testable import percept

@Suite("Progress")
struct ProgressLineTests {
    @Test("time left is shown as minutes and seconds, hours where needed")
    func clock() {
        #expect(ProgressLine.clock(0.2) == "0:01")
        #expect(ProgressLine.clock(75) == "1:15")
        #expect(ProgressLine.clock(3661) == "1:01:01")
    }
}
