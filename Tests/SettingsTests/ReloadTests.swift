import Testing

@testable import Settings

/// Every setting with a value other than the default.
enum Changes {
    /// The settings that a running daemon takes over.
    static let reloadable = [
        "decoding.enabled", "decoding.sampler", "decoding.steps", "decoding.fewestSteps", "decoding.deadline",
        "decoding.everyReadout", "decoding.seed", "decoding.samples", "output.statusInterval", "recording.freeSpace",
        "logLevel",
    ]

    static let text = """
        bundle: other.percept
        preprocessing: pre
        state: /state
        session: {name: a-1, subject: "01", task: imagery, repetitionTime: 0.72, plannedVolumes: 10}
        input: {kind: percept, subscribe: "tcp://10.0.0.1:6000", resend: "tcp://10.0.0.1:6002", repairDeadline: 2,
          largestMessage: 1 MiB}
        events: {file: "{run}.tsv", duration: 2, trialTypes: [image], clockOffset: -0.5}
        ingest: {gapDeadline: 2, queue: 9, largestVolume: 1000}
        decoding: {enabled: false, sampler: plms, steps: 20, fewestSteps: 5, deadline: 3, everyReadout: true,
          seed: 18446744073709551615, samples: 2, queue: 5}
        output: {publish: "tcp://*:7000", resend: "tcp://*:7002", queue: 65, statusInterval: 2, images: images}
        recording: {volumes: false, queue: 1 GiB, checkpointInterval: 26, freeSpace: 2 GiB}
        security: {key: key, publisher: "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", allowed: [peers.keys]}
        threads: {volumes: 1, decoding: 2, niceness: 3}
        logLevel: debug
        """
}

@Suite("Settings that change while the daemon runs")
struct ReloadTests {
    private let old: DaemonSettings
    private let new: DaemonSettings

    init() throws {
        old = try DaemonSettings(yaml: "bundle: a.percept", file: "/etc/percept/perceptd.yaml")
        new = try DaemonSettings(yaml: Changes.text, file: "/etc/percept/perceptd.yaml")
    }

    private func values(_ settings: DaemonSettings) -> [String: String] {
        Dictionary(
            settings.canonicalText.split(separator: "\n").map {
                let parts = $0.split(separator: ":", maxSplits: 1).map(String.init)
                return (parts[0], parts[1])
            }
        ) { first, _ in first }
    }

    @Test("are taken over or refused by name, each of them")
    func everyOne() {
        let (accepted, refused) = DaemonSettings.reloadable(from: old, to: new)
        let (before, now, after) = (values(old), values(new), values(accepted))
        for key in before.keys where key != "input.kind" {
            #expect(before[key] != now[key], "\(key) is changed by this test")
            if Changes.reloadable.contains(key) {
                #expect(after[key] == now[key], "\(key)")
            } else {
                #expect(after[key] == before[key], "\(key)")
                #expect(refused.contains(key), "\(key)")
            }
        }
        #expect(refused.count + Changes.reloadable.count == before.count - 1)
    }

    @Test("are none if nothing changed")
    func nothing() {
        let (accepted, refused) = DaemonSettings.reloadable(from: new, to: new)
        #expect(accepted == new)
        #expect(refused.isEmpty)
    }

    @Test("refuse another kind of input as a whole")
    func kind() {
        var other = old
        other.input = .pyneal(PynealInputSettings())
        #expect(DaemonSettings.reloadable(from: old, to: other).refused == ["input.kind"])
    }

    @Test("have one canonical text, however they are written")
    func canonical() throws {
        let text = "logLevel: \"info\"\nrecording:\n  freeSpace: 1024 MiB\nbundle: /etc/percept/a.percept\n"
        let same = try DaemonSettings(yaml: text, file: "/tmp/x.yaml")
        #expect(same.canonicalText == old.canonicalText)
        #expect(same.canonicalText.hasPrefix("bundle: \"/etc/percept/a.percept\"\npreprocessing: null\n"))
        #expect(same.canonicalText.contains("\nrecording.freeSpace: 1073741824\n"))
    }
}
