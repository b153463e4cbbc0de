import Decoder
import Settings
import Testing

@Test("settings know the decoder's samplers")
func samplers() {
    #expect(DaemonSettings.samplers == SamplerMethod.allCases.map(\.rawValue))
}
