extension DaemonSettings {
    /// The samplers that a file can name: those of the decoder.
    public static let samplers = ["ddim", "plms", "dpm", "unipc", "consistency"]
    /// The levels of log messages, from the least important.
    public static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    /// The keys of a settings file.
    static var fields: [SettingsField<DaemonSettings>] {
        [
            .optional("bundle", \.bundle, .path),
            .optional("preprocessing", \.preprocessing, .path),
            .value("state", \.state, .path),
            .section("session", \.session, SessionDefaults.fields),
            .input,
            .section("events", \.events, EventSettings.fields),
            .section("ingest", \.ingest, IngestSettings.fields),
            .section("decoding", \.decoding, DecodingSettings.fields),
            .section("output", \.output, OutputSettings.fields),
            .section("recording", \.recording, RecordingSettings.fields),
            .section("security", \.security, SecuritySettings.fields),
            .section("threads", \.threads, ThreadSettings.fields),
            .value("logLevel", \.logLevel, .choice(logLevels), reloads: true),
        ]
    }
}

extension SessionDefaults {
    static var fields: [SettingsField<Self>] {
        [
            .optional("name", \.name, .name),
            .optional("subject", \.subject, .label),
            .value("task", \.task, .label),
            .optional("repetitionTime", \.repetitionTime, .seconds(0.05...60)),
            .value("plannedVolumes", \.plannedVolumes, .integer(1...1_000_000)),
        ]
    }
}

extension EventSettings {
    static var fields: [SettingsField<Self>] {
        [
            .optional("file", \.file, .runPath),
            .value("duration", \.duration, .seconds(0...3600)),
            .optional(
                "trialTypes",
                \.trialTypes,
                .list(of: .text("a trial type"), emptyRemedy: "leave the key out to decode all trial types")
            ),
            .optional("clockOffset", \.clockOffset, .seconds(-1_000_000_000...1_000_000_000)),
        ]
    }
}

extension IngestSettings {
    static var fields: [SettingsField<Self>] {
        [
            .value("gapDeadline", \.gapDeadline, .seconds(0...600)),
            .value("queue", \.queue, .integer(1...10_000)),
            .value("largestVolume", \.largestVolume, .integer(1...(1 << 30))),
        ]
    }
}

extension DecodingSettings {
    static var fields: [SettingsField<Self>] {
        [
            .value("enabled", \.enabled, .flag, reloads: true),
            .optional("sampler", \.sampler, .choice(DaemonSettings.samplers), reloads: true),
            .optional("steps", \.steps, .integer(1...1000), reloads: true),
            .value("fewestSteps", \.fewestSteps, .integer(1...1000), reloads: true),
            .optional("deadline", \.deadline, .seconds(0.1...3600), reloads: true),
            .value("everyReadout", \.everyReadout, .flag, reloads: true),
            .value("seed", \.seed, .integer(0...UInt64.max), reloads: true),
            .value("samples", \.samples, .integer(1...64), reloads: true),
            .value("queue", \.queue, .integer(1...10_000)),
        ]
    }
}

extension OutputSettings {
    static var fields: [SettingsField<Self>] {
        [
            .value("publish", \.publish, .address(binds: true)),
            .optional("resend", \.resend, .address(binds: true)),
            .value("queue", \.queue, .integer(1...100_000)),
            .value("statusInterval", \.statusInterval, .seconds(0.1...3600), reloads: true),
            .optional("images", \.images, .path),
        ]
    }
}

extension RecordingSettings {
    static var fields: [SettingsField<Self>] {
        [
            .value("volumes", \.volumes, .flag),
            .value("queue", \.queue, .bytes((1 << 20)...(1 << 40))),
            .value("checkpointInterval", \.checkpointInterval, .integer(1...1_000_000)),
            .value("freeSpace", \.freeSpace, .bytes(0...(1 << 50)), reloads: true),
        ]
    }
}

extension SecuritySettings {
    static var fields: [SettingsField<Self>] {
        [
            .optional("key", \.key, .path),
            .optional("publisher", \.publisher, .publicKey),
            .value("allowed", \.allowed, .list(of: .publicKey)),
        ]
    }
}

extension ThreadSettings {
    static var fields: [SettingsField<Self>] {
        [
            .optional("volumes", \.volumes, .integer(1...1024)),
            .optional("decoding", \.decoding, .integer(1...1024)),
            .value("niceness", \.niceness, .integer(0...19)),
        ]
    }
}
