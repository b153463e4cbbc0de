import Yams

extension SettingsField<DaemonSettings> {
    /// The section `input`, whose `kind` decides which other keys it has.
    static var input: Self {
        SettingsField(
            key: "input",
            read: { root, node, path, reader in
                if let input = InputSettings.read(node, path, reader) { root.input = input }
            },
            entries: { root, path in root.input.entries(path) },
            reload: { root, new, path in
                let (old, new) = (root.input.entries(path), new.input.entries(path))
                if old.first?.value != new.first?.value { return ["\(path).kind"] }
                return zip(old, new).filter { $0.value != $1.value }.map(\.0.key)
            }
        )
    }
}

extension InputSettings {
    /// The words for `kind`.
    static let kinds = ["percept", "pyneal", "afni", "folder"]

    static func read(_ node: Node, _ path: String, _ reader: SettingsReader) -> InputSettings? {
        var kind: String?
        if case .mapping(let mapping) = node, let value = mapping["kind"] {
            kind = SettingsFormat.choice(kinds).read(value, "\(path).kind", reader)
            // Which other keys there are is not known then.
            if kind == nil { return nil }
        }
        switch kind {
        case "pyneal":
            return .pyneal(fill(PynealInputSettings(), PynealInputSettings.fields, node, path, reader))
        case "afni": return .afni(fill(AFNIInputSettings(), AFNIInputSettings.fields, node, path, reader))
        case "folder":
            return .folder(fill(FolderInputSettings(), FolderInputSettings.fields, node, path, reader))
        default:
            return .percept(fill(PerceptInputSettings(), PerceptInputSettings.fields, node, path, reader))
        }
    }

    func entries(_ path: String) -> [(key: String, value: String)] {
        func all<Root>(_ kind: String, _ root: Root, _ fields: [SettingsField<Root>]) -> [(key: String, value: String)]
        {
            [("\(path).kind", "\"\(kind)\"")] + fields.flatMap { $0.entries(root, "\(path).\($0.key)") }
        }
        return switch self {
        case .percept(let settings): all("percept", settings, PerceptInputSettings.fields)
        case .pyneal(let settings): all("pyneal", settings, PynealInputSettings.fields)
        case .afni(let settings): all("afni", settings, AFNIInputSettings.fields)
        case .folder(let settings): all("folder", settings, FolderInputSettings.fields)
        }
    }

    /// Reads the keys of one kind, with `kind` itself among them.
    private static func fill<Root>(
        _ defaults: Root,
        _ fields: [SettingsField<Root>],
        _ node: Node,
        _ path: String,
        _ reader: SettingsReader
    ) -> Root {
        var root = defaults
        let kind = SettingsField<Root>(
            key: "kind",
            read: { _, _, _, _ in },
            entries: { _, _ in [] },
            reload: { _, _, _ in [] }
        )
        reader.read([kind] + fields, of: node, into: &root, at: path)
        return root
    }
}

extension PerceptInputSettings {
    static var fields: [SettingsField<Self>] {
        [
            .value("subscribe", \.subscribe, .address(binds: false)),
            .optional("resend", \.resend, .address(binds: false)),
            .value("repairDeadline", \.repairDeadline, .seconds(0...600)),
            .value("largestMessage", \.largestMessage, .bytes(1024...(4 << 30))),
        ]
    }
}

extension PynealInputSettings {
    static var fields: [SettingsField<Self>] {
        [
            .value("bind", \.bind, .address(binds: true)),
            .value("trusted", \.trusted, .list(of: .text("the start of an address"), emptyRemedy: "nobody could send")),
            .value("silence", \.silence, .seconds(1...3600)),
            .value("largestMessage", \.largestMessage, .bytes(1024...(4 << 30))),
        ]
    }
}

extension AFNIInputSettings {
    static var fields: [SettingsField<Self>] {
        [
            .value("host", \.host, .host),
            .value("controlPort", \.controlPort, .port),
            .value("dataPort", \.dataPort, .port),
            .value("trusted", \.trusted, .list(of: .text("the start of an address"), emptyRemedy: "nobody could send")),
            .value("largestVolume", \.largestVolume, .bytes(1024...(4 << 30))),
        ]
    }
}

extension FolderInputSettings {
    static var fields: [SettingsField<Self>] {
        [
            .value("path", \.path, .path, required: true),
            .value("watch", \.watch, .word),
            .value("pollInterval", \.pollInterval, .seconds(0.01...60)),
            .value("settleTime", \.settleTime, .seconds(0...600)),
            .optional("pattern", \.pattern, .text("a pattern such as \"*.dcm\"")),
            .optional("series", \.series, .integer(0...1_000_000)),
            .value("motionCorrection", \.motionCorrection, .word),
            .value("takesExisting", \.takesExisting, .flag),
            .value("silence", \.silence, .seconds(1...3600)),
            .value("largestFile", \.largestFile, .bytes(1024...(64 << 30))),
        ]
    }
}
