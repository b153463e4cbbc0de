import Images
import Testing

@testable import Live

@Suite("Latencies and agreement")
struct LatencyRecordTests {
    @Test("percentiles are those of the nearest rank")
    func percentiles() throws {
        let record = LatencyRecord()
        for value in (1...200).shuffled() { record.add(Double(value), to: "stage") }
        let summary = try #require(record.summary["stage"])
        #expect((summary.count, summary.median, summary.p90) == (200, 100, 180))
        #expect((summary.p99, summary.max) == (198, 200))
    }

    @Test("memory is bounded: old measurements leave the percentiles, but not the count and the maximum")
    func bounded() throws {
        let record = LatencyRecord()
        record.add(1000, to: "stage")
        for _ in 0..<LatencyRecord.capacity { record.add(1, to: "stage") }
        let summary = try #require(record.summary["stage"])
        #expect((summary.count, summary.p99, summary.max) == (LatencyRecord.capacity + 1, 1, 1000))
    }

    @Test("images agree by the mean correlation of their pixels")
    func agreements() throws {
        let ramp = Image8(height: 1, width: 4, bytes: (0..<12).map { UInt8($0 * 20) })
        let reversed = Image8(height: 1, width: 4, bytes: ramp.bytes.reversed())
        #expect(agreement([ramp]) == nil)
        #expect(abs(try #require(agreement([ramp, ramp])) - 1) < 1e-12)
        #expect(abs(try #require(agreement([ramp, reversed])) + 1) < 1e-12)
        #expect(abs(try #require(agreement([ramp, ramp, reversed])) + 1.0 / 3) < 1e-12)
        let flat = Image8(height: 1, width: 4)
        #expect(agreement([flat, flat]) == 1)
    }
}
