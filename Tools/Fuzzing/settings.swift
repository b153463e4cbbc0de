// module: Settings
// package: Yams
// corpus: *.yaml *.yml *.settings
@testable import Settings

/// Reads the daemon's settings; what is right is written in its one way, and reloaded.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    guard let text = String(validating: bytes, as: UTF8.self) else { return 0 }
    do throws(SettingsError) {
        let settings = try DaemonSettings(yaml: text, file: "/etc/percept/perceptd.yaml")
        let again = try DaemonSettings(yaml: text, file: "/etc/percept/perceptd.yaml")
        precondition(settings.canonicalText == again.canonicalText, "the same text gave other settings")
        let (accepted, refused) = DaemonSettings.reloadable(from: again, to: settings)
        precondition(accepted.canonicalText == settings.canonicalText && refused.isEmpty, "nothing changed")
    } catch {
        precondition(!error.problems.isEmpty && !"\(error)".isEmpty, "a refusal says why")
        precondition(error.problems.allSatisfy { $0.line >= 1 && $0.column >= 1 }, "and where")
    }
    return 0
}
