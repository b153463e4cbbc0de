import Settings
import Testing

@Test("a problem is told with its file, line, column and key")
func description() {
    let problem = SettingsError.Problem(file: "a.yaml", line: 3, column: 7, key: "input.path", detail: "is missing")
    #expect(
        SettingsError([problem, problem]).description
            == "a.yaml:3:7: input.path: is missing\na.yaml:3:7: input.path: is missing"
    )
}
