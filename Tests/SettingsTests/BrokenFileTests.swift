import Foundation
import Testing

@testable import Settings

/// A file with mistakes, and what has to be said about it.
struct BrokenFile: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    let problems: [String]

    init(_ name: String, _ text: String, _ problems: String...) {
        (self.name, self.text, self.problems) = (name, text, problems)
    }

    var testDescription: String { name }

    /// What reading the text says.
    static func problems(_ text: String) -> [String] {
        do throws(SettingsError) {
            _ = try DaemonSettings(yaml: text, file: "/etc/percept/p.yaml")
            return []
        } catch {
            return error.description.split(separator: "\n").map {
                $0.replacingOccurrences(of: "/etc/percept/", with: "")
            }
        }
    }

    static let noBundle =
        "bundle: is missing; add it, or set decoding.enabled: false to record without a decoder"

    static let structure = [
        BrokenFile("empty", "", "p.yaml:1:1: \(noBundle)"),
        BrokenFile("only a comment", "# hello\n", "p.yaml:1:1: \(noBundle)"),
        BrokenFile("a list", "- a\n- b\n", "p.yaml:1:1: expected keys with values, found a list"),
        BrokenFile("a word", "hello", "p.yaml:1:1: expected keys with values, found \"hello\""),
        BrokenFile(
            "unknown keys",
            "bundle: a\nstat: /s\ndecoding:\n  Steps: 3\n  fewest_steps: 3\n  colour: red\n",
            "p.yaml:2:1: stat: unknown key; did you mean state?",
            "p.yaml:4:3: decoding.Steps: unknown key; did you mean steps?",
            "p.yaml:5:3: decoding.fewest_steps: unknown key; did you mean fewestSteps?",
            "p.yaml:6:3: decoding.colour: unknown key; known here: enabled, sampler, steps, fewestSteps, deadline, "
                + "everyReadout, seed, samples, queue"
        ),
        BrokenFile(
            "duplicate keys, and what else is wrong",
            "bundle: a\nstate: /x\noutput:\n  queue: 1\n  queue: 2\n  queue: 3\nstate: /y\nthreads: {niceness: 99}\n",
            "p.yaml:5:3: \"queue\" is there twice; keep one",
            "p.yaml:6:3: \"queue\" is there twice; keep one",
            "p.yaml:7:1: \"state\" is there twice; keep one",
            "p.yaml:8:21: threads.niceness: expected a whole number from 0 to 19, found \"99\""
        ),
        BrokenFile(
            "duplicate keys in braces",
            "output: {queue: 1, queue: 2}",
            "p.yaml:1:10: \"queue\" is there twice; keep one"
        ),
        BrokenFile(
            "a section that is a word",
            "bundle: a\noutput: yes\n",
            "p.yaml:2:9: output: expected keys with values, found \"yes\""
        ),
        BrokenFile(
            "wrong syntax",
            "bundle: a\noutput:\n  queue: [1\nstate: /s\n",
            "p.yaml:4:6: is no YAML: while parsing a flow sequence, did not find expected ',' or ']'; "
                + "check indentation, colons and quotes here and in the line above"
        ),
        BrokenFile(
            "two documents",
            "bundle: a\n---\nbundle: b\n",
            "p.yaml:2:1: is no YAML: expected a single document in the stream, but found another document; "
                + "check indentation, colons and quotes here and in the line above"
        ),
        BrokenFile(
            "an alias",
            "bundle: &a x\nstate: *a\n",
            "p.yaml:1:9: anchors (&) and aliases (*) are not for settings; write the value at each place"
        ),
        BrokenFile(
            "a kind of input that is not known",
            "bundle: a\ninput:\n  kind: folders\n  path: x\n",
            "p.yaml:3:9: input.kind: expected one of percept, pyneal, afni, folder, found \"folders\"; did you mean folder?"
        ),
        BrokenFile(
            "a key of another kind of input",
            "bundle: a\ninput:\n  kind: pyneal\n  path: x\n",
            "p.yaml:4:3: input.path: unknown key; known here: kind, bind, trusted, silence, largestMessage"
        ),
        BrokenFile(
            "a folder that is not named",
            "bundle: a\ninput: {kind: folder}\n",
            "p.yaml:2:8: input.path: is missing; add it"
        ),
    ]

    /// One wrong value each: the key, how it is written, and the detail.
    static let values: [(key: String, text: String, detail: String)] = [
        ("bundle", "[a]", "expected a path, found a list"),
        ("state", "{a: b}", "expected a path, found keys with values"),
        ("session.subject", "sub-01", "expected letters and digits, as BIDS labels have, found \"sub-01\""),
        ("session.name", "a/b", "expected a name of letters, digits, - and _, found \"a/b\""),
        ("session.repetitionTime", "fast", "expected seconds as a number from 0.05 to 60, found \"fast\""),
        (
            "session.repetitionTime", "720 ms",
            "expected seconds as a number from 0.05 to 60, found \"720 ms\"; write 0.72"
        ),
        ("session.repetitionTime", "1.5s", "expected seconds as a number from 0.05 to 60, found \"1.5s\"; write 1.5"),
        ("session.repetitionTime", "720", "expected seconds as a number from 0.05 to 60, found \"720\""),
        ("session.repetitionTime", ".nan", "expected seconds as a number from 0.05 to 60, found \".nan\""),
        ("session.repetitionTime", "nan", "expected seconds as a number from 0.05 to 60, found \"nan\""),
        ("session.repetitionTime", ".inf", "expected seconds as a number from 0.05 to 60, found \".inf\""),
        ("session.repetitionTime", "1e0", "expected seconds as a number from 0.05 to 60, found \"1e0\""),
        ("session.repetitionTime", "1:30", "expected seconds as a number from 0.05 to 60, found \"1:30\""),
        (
            "session.repetitionTime", "\"2\"",
            "expected seconds as a number from 0.05 to 60, found \"2\"; remove the quotes"
        ),
        (
            "session.plannedVolumes", "010",
            "expected a whole number from 1 to 1000000, found \"010\"; a leading zero can mean octal: write 10"
        ),
        (
            "session.plannedVolumes", "0x10",
            "expected a whole number from 1 to 1000000, found \"0x10\"; write it in decimal"
        ),
        ("session.plannedVolumes", "1_000", "expected a whole number from 1 to 1000000, found \"1_000\"; remove the _"),
        ("session.plannedVolumes", "3.0", "expected a whole number from 1 to 1000000, found \"3.0\""),
        ("session.plannedVolumes", "-3", "expected a whole number from 1 to 1000000, found \"-3\""),
        (
            "session.plannedVolumes", "99999999999999999999",
            "expected a whole number from 1 to 1000000, found \"99999999999999999999\""
        ),
        ("decoding.enabled", "yes", "expected true or false, found \"yes\"; write true"),
        ("decoding.enabled", "\"true\"", "expected true or false, found \"true\"; remove the quotes"),
        ("decoding.enabled", "1", "expected true or false, found \"1\""),
        ("decoding.sampler", "euler", "expected one of ddim, plms, dpm, unipc, consistency, found \"euler\""),
        (
            "decoding.sampler", "dppm",
            "expected one of ddim, plms, dpm, unipc, consistency, found \"dppm\"; did you mean dpm?"
        ),
        ("decoding.seed", "-1", "expected a whole number from 0, found \"-1\""),
        ("decoding.seed", "18446744073709551616", "expected a whole number from 0, found \"18446744073709551616\""),
        ("events.trialTypes", "[]", "is an empty list; leave the key out to decode all trial types"),
        (
            "events.file", "\"{subject}.tsv\"",
            "only {run} and {task} can stand in braces, found \"{subject}.tsv\""
        ),
        (
            "recording.freeSpace", "1 GB",
            "expected a size from 0 to 1048576 GiB, such as 1048576 or 256 MiB, found \"1 GB\"; write GiB"
        ),
        (
            "recording.freeSpace", "lots",
            "expected a size from 0 to 1048576 GiB, such as 1048576 or 256 MiB, found \"lots\""
        ),
        (
            "recording.freeSpace", "9999999999 GiB",
            "expected a size from 0 to 1048576 GiB, such as 1048576 or 256 MiB, found \"9999999999 GiB\""
        ),
        (
            "output.publish", "localhost:5570",
            "expected an address such as tcp://127.0.0.1:5570, found \"localhost:5570\""
        ),
        (
            "output.publish", "tcp://127.0.0.1",
            "expected an address such as tcp://127.0.0.1:5570, found \"tcp://127.0.0.1\""
        ),
        (
            "output.publish", "tcp://127.0.0.1:65536",
            "expected an address such as tcp://127.0.0.1:5570, found \"tcp://127.0.0.1:65536\""
        ),
        (
            "output.publish", "tcp://::1:5570",
            "expected an address such as tcp://127.0.0.1:5570, found \"tcp://::1:5570\""
        ),
        (
            "input.subscribe", "tcp://*:5560",
            "expected an address such as tcp://192.168.2.10:5560, found \"tcp://*:5560\""
        ),
        ("security.publisher", "abc", "expected a public key of 40 characters, or a path with a / or ., found \"abc\""),
        (
            "logLevel", "verbose",
            "expected one of trace, debug, info, notice, warning, error, critical, found \"verbose\""
        ),
    ]

    static let contradictions = [
        BrokenFile("a bundle that is nothing", "preprocessing: b\nbundle:\n", "p.yaml:2:8: \(noBundle)"),
        BrokenFile(
            "neither a bundle nor a folder of preprocessing",
            "state: s\ndecoding: {enabled: false}\n",
            "p.yaml:1:1: preprocessing: is missing; without a bundle, name what `percept preprocess` wrote"
        ),
        BrokenFile(
            "steps",
            "bundle: a\ndecoding:\n  steps: 3\n  fewestSteps: 5\n",
            "p.yaml:4:16: decoding.fewestSteps: is 5, more than decoding.steps, 3; make it smaller"
        ),
        BrokenFile(
            "steps, with a default",
            "bundle: a\ndecoding:\n  steps: 3\n",
            "p.yaml:3:3: decoding.fewestSteps: is 4, more than decoding.steps, 3; make it smaller"
        ),
        BrokenFile(
            "an open port without keys",
            "bundle: a\noutput:\n  publish: tcp://*:5570\n  resend: tcp://127.0.0.1:5571\n",
            "p.yaml:3:12: output.publish: tcp://*:5570 can be reached from other machines, which needs keys; set "
                + "security.key (percept keygen makes one) and security.allowed, or listen on 127.0.0.1"
        ),
        BrokenFile(
            "a key, and nobody allowed",
            "bundle: a\nsecurity: {key: k}\n",
            "p.yaml:2:11: security.allowed: is empty, so nobody could connect; add the public keys of the peers"
        ),
        BrokenFile(
            "keys of others without one's own",
            "bundle: a\nsecurity: {publisher: ./k, allowed: [./l]}\n",
            "p.yaml:2:23: security.publisher: is of no use without security.key; set it (percept keygen makes one)",
            "p.yaml:2:37: security.allowed: is of no use without security.key; set it (percept keygen makes one)"
        ),
        BrokenFile(
            "a port for two",
            "bundle: a\noutput: {publish: \"tcp://127.0.0.1:5570\", resend: \"tcp://127.0.0.1:5570\"}\n",
            "p.yaml:2:51: output.resend: has port 5570, as output.publish has; choose another"
        ),
        BrokenFile(
            "the last port",
            "bundle: a\noutput: {publish: \"tcp://127.0.0.1:65535\"}\n",
            "p.yaml:2:19: output.publish: has no port after it; choose a smaller one or set output.resend"
        ),
        BrokenFile(
            "AFNI's ports",
            "bundle: a\ninput: {kind: afni, host: 0.0.0.0, dataPort: 7961, trusted: [\"1\"]}\n",
            "p.yaml:2:46: input.dataPort: is the same as input.controlPort; choose another",
            "p.yaml:2:61: input.trusted: lets everybody send from outside this machine; name the scanner's address"
        ),
    ]
}

@Suite("A broken settings file")
struct BrokenFileTests {
    @Test("is told with all mistakes, each with line and column", arguments: BrokenFile.structure)
    func structure(file: BrokenFile) { #expect(BrokenFile.problems(file.text) == file.problems) }

    @Test("with settings that contradict each other is refused", arguments: BrokenFile.contradictions)
    func contradictions(file: BrokenFile) { #expect(BrokenFile.problems(file.text) == file.problems) }

    @Test("with a wrong value says what belongs there", arguments: BrokenFile.values.indices)
    func values(index: Int) {
        let (key, value, detail) = BrokenFile.values[index]
        let parts = key.split(separator: ".")
        var text = key == "bundle" ? "" : "bundle: a\n"
        text += parts.count == 2 ? "\(parts[0]):\n  \(parts[1]): \(value)\n" : "\(key): \(value)\n"
        let line = text.split(separator: "\n").count
        let column = (parts.count == 2 ? 2 : 0) + (parts.last?.count ?? 0) + (value.isEmpty ? 2 : 3)
        #expect(BrokenFile.problems(text) == ["p.yaml:\(line):\(column): \(key): \(detail)"])
    }
}
