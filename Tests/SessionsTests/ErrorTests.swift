import Testing

@testable import Sessions

@Test("an error of Sessions names its subject before what was wrong")
func description() {
    #expect(SessionError(.missing, "this", "is wrong; do that").description == "this: is wrong; do that")
}
