import Testing

@testable import WireFormat

@Suite("Messages")
struct RoundTripTests {
    private func roundTrip<Body: MessageBody & Equatable>(
        _ body: Body,
        _ topic: Topic,
        _ payload: [[UInt8]] = []
    ) throws {
        let message = try WireMessage(body, topic: topic, stamp: Samples.stamp, payload: payload)
        let received = try WireMessage(parts: message.parts)
        #expect(received == message)
        let decoded = try received.decode(Body.self)
        #expect(decoded.stamp == Samples.stamp)
        #expect(decoded.body == body)
        #expect(try received.stamp() == Samples.stamp)
    }

    @Test("every message comes back as it was sent")
    func everyMessage() throws {
        try roundTrip(RunBody(phase: .start, subject: "01", task: "viewing", repetitionTime: 0.72), .run)
        try roundTrip(RunBody(phase: .end, reason: "complete"), .run)
        try roundTrip(Samples.volume, .volume, [Samples.voxels])
        try roundTrip(EventBody(onset: 12.5, duration: 4, trialType: "faces", attributes: ["side": "left"]), .event)
        try roundTrip(EventBody(), .event)
        try roundTrip(TriggerBody(volume: 0, time: 1_700_000_000.5), .trigger)
        try roundTrip(Samples.status, .status)
        let motion = MotionBody(
            index: 3,
            translation: [0.1, -0.2, 0],
            rotation: [0, 0.001, 0],
            framewiseDisplacement: 0.3,
            verdict: "converged",
            correlation: 0.998,
            iterations: 4
        )
        try roundTrip(motion, .motion)
        try roundTrip(QualityBody(index: 3, framewiseDisplacement: 0.3, dvars: 1.25, flags: ["motion"]), .quality)
        try roundTrip(Samples.pattern, .pattern, [[UInt8](repeating: 0, count: 12)])
        try roundTrip(Samples.reconstruction, .preview, [[0x89, 0x50]])
        try roundTrip(Samples.reconstruction, .reconstruction, [[0x89, 0x50]])
        try roundTrip(RecordedBody(index: 25, arrivals: 26, recording: "run-1.h5"), .recorded)
    }

    @Test("what keeps the stream together comes back as it was sent")
    func control() throws {
        let heartbeat = Heartbeat(publisher: "scanner-5f3a", next: 8, oldest: 0, sentAt: 1_700_000_000)
        #expect(try WireMessage(parts: try WireMessage(heartbeat).parts).decode(Heartbeat.self) == heartbeat)
        let request = ResendRequest(publisher: "scanner-5f3a", from: 2, through: 5)
        #expect(try WireMessage(parts: try WireMessage(request).parts).decode(ResendRequest.self) == request)
        let answer = ResendAnswer(publisher: "scanner-5f3a", from: 2, through: 5, oldest: 0, next: 8)
        #expect(try WireMessage(parts: try WireMessage(answer).parts).decode(ResendAnswer.self) == answer)
    }
}
