import Testing

@Suite("percept benchmark")
struct BenchmarkCommandTests {
    @Test(
        "wrong options are usage errors that say what is allowed",
        arguments: [
            (["--rounds", "0"], "--rounds must be at least 1"),
            (["--threads", "0"], "--threads must be from 1 to 1024"),
            (["--networks", "unet2"], "There is no network unet2"),
            (["--steps", "1001"], "--steps takes numbers from 1 to 1000"),
        ]
    )
    func usage(options: [String], message: String) throws {
        let result = try PerceptProcess.run(["benchmark"] + options)
        #expect(result.status == 64)
        #expect(result.error.contains(message))
        #expect(result.output.isEmpty)
    }
}
