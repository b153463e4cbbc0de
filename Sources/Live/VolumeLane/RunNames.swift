import Neuroimaging

/// Gives each run a name of its own in its session, even if a source uses one twice: the second `faces` is `faces~2`.
struct RunNames: Sendable {
    private var ended: Set<RunKey> = []
    private var uses: [RunKey: Int] = [:]

    /// Whether a source's run of this name has ended and no new one was announced.
    func hasEnded(_ session: String, _ run: String) -> Bool { ended.contains(RunKey(session: session, run: run)) }

    /// The name of a run that begins now.
    mutating func begin(_ description: RunDescription) -> RunKey {
        let source = RunKey(session: description.session, run: description.run)
        ended.remove(source)
        let count = uses[source, default: 0] + 1
        uses[source] = count
        return count == 1 ? source : RunKey(session: source.session, run: "\(source.run)~\(count)")
    }

    /// A run is over.
    mutating func end(_ key: RunKey) {
        adopt(key)
        ended.insert(Self.source(of: key).key)
    }

    /// A run goes on that began earlier.
    mutating func adopt(_ key: RunKey) {
        let (source, count) = Self.source(of: key)
        uses[source] = max(uses[source, default: 0], count)
        ended.remove(source)
    }

    /// The name that the source gave, and how often it had used it.
    static func source(of key: RunKey) -> (key: RunKey, count: Int) {
        guard let mark = key.run.lastIndex(of: "~"), let count = Int(key.run[key.run.index(after: mark)...]), count > 1
        else { return (key, 1) }
        return (RunKey(session: key.session, run: String(key.run[..<mark])), count)
    }
}
