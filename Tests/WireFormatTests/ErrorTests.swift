import Testing

@testable import WireFormat

@Test("an error of WireFormat names its subject before what was wrong")
func description() {
    #expect(WireError(.malformed, "this", "is wrong; do that").description == "this: is wrong; do that")
}
