import Foundation
import Testing

@Suite("percept benchmark --serve")
struct BenchmarkServerTests {
    @Test("answers every request with one JSON line, errors included, until told to quit")
    func requests() throws {
        let input = """
            {"run":"nothing"}
            not JSON
            {}
            {"run":"fmri"}
            {"quit":true}
            {"run":"nothing"}

            """
        let folder = FileManager.default.temporaryDirectory.path
        let result = try PerceptProcess.run(["benchmark", "--serve", folder, "--threads", "1"], input: input)
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 4)
        for line in lines {
            let answer = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
            #expect(answer["error"] != nil)
        }
        #expect(lines[0].contains("there is no run nothing"))
        #expect(lines[3].contains("fmri.inputs.npz"))
    }
}
