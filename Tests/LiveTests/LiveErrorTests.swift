import Live
import Testing

@Test("an error names its subject before what was wrong")
func description() {
    #expect(LiveError(.bundle, "a.percept", "has no mask").description == "a.percept: has no mask")
}
