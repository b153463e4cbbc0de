import Testing

@testable import Streaming

@Test("an error of Streaming names its subject before what was wrong")
func description() {
    #expect(StreamingError(.address, "this", "is wrong; do that").description == "this: is wrong; do that")
}
