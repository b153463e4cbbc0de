extension DaemonSettings {
    /// All effective values, defaults included, as text: equal settings have equal text.
    ///
    /// One line `KEY: VALUE` for each key in a fixed order. Its digest is part of every output's provenance.
    public var canonicalText: String {
        Self.fields.flatMap { $0.entries(self, $0.key) }.map { "\($0.key): \($0.value)\n" }.joined()
    }

    /// What of new settings a running daemon takes over.
    ///
    /// - Parameters:
    ///   - old: The settings in use.
    ///   - new: The settings as they are in the file now.
    /// - Returns: The settings in use from now on, and the keys whose change waits for a restart.
    public static func reloadable(
        from old: DaemonSettings,
        to new: DaemonSettings
    ) -> (accepted: DaemonSettings, refused: [String]) {
        var accepted = old
        let refused = fields.flatMap { $0.reload(&accepted, new, $0.key) }
        return (accepted, refused)
    }
}
