import GRDB

/// The tables of the session log, and how logs of earlier versions become what they are now.
///
/// A migration that was released is never changed: what comes later is a new one, named by its date.
enum SessionSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("2026-11-25 sessions") { database in
            try createRuns(database)
            try createOutputs(database)
            try createStates(database)
        }
        migrator.registerMigration("2026-11-25 trials behind z-scores") { database in
            try database.alter(table: "trial") { table in
                table.add(column: "standardizedBy", .integer).notNull().defaults(to: 0)
            }
        }
        return migrator
    }

    private static func createRuns(_ database: Database) throws {
        try database.create(table: "session", options: .strict) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("name", .text).notNull().unique()
            table.column("subject", .text)
            table.column("startedAt", .real).notNull()
            table.column("endedAt", .real)
            table.column("software", .text).notNull()
            table.column("bundlePath", .text).notNull()
            table.column("bundleHash", .text)
            table.column("configurationHash", .text).notNull()
            table.column("configuration", .text).notNull()
        }
        try database.create(table: "run", options: .strict) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("sessionID", .integer).notNull().references("session", onDelete: .cascade)
            table.column("name", .text).notNull()
            table.column("task", .text)
            table.column("startedAt", .real).notNull()
            table.column("endedAt", .real)
            table.column("endReason", .text)
            table.column("repetitionTime", .real).notNull()
            table.column("plannedVolumes", .integer).notNull()
            table.column("shape", .text)
            table.column("affine", .text)
            table.column("processing", .text).notNull()
            table.column("state", .text).notNull()
            table.uniqueKey(["sessionID", "name"])
        }
        try database.create(table: "volume", options: .strict) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("runID", .integer).notNull().references("run", onDelete: .cascade)
            table.column("arrival", .integer).notNull()
            table.column("index", .integer).notNull()
            table.column("status", .text).notNull()
            table.column("acquiredAt", .real)
            table.column("receivedAt", .real).notNull()
            table.column("checksum", .integer)
            table.column("position", .text)
            table.column("recording", .text)
            table.column("place", .integer)
            for motion in ["translationX", "translationY", "translationZ", "rotationX", "rotationY", "rotationZ"] {
                table.column(motion, .real)
            }
            table.column("verdict", .text)
            table.column("framewiseDisplacement", .real)
            table.column("dvars", .real)
            table.column("temporalSignalToNoise", .real)
            table.column("flags", .text).notNull()
            table.column("latencies", .text).notNull()
            table.uniqueKey(["runID", "arrival"])
        }
        try database.create(table: "event", options: .strict) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("runID", .integer).notNull().indexed().references("run", onDelete: .cascade)
            table.column("trial", .integer)
            table.column("onset", .real).notNull()
            table.column("duration", .real)
            table.column("trialType", .text)
            table.column("stimulusFile", .text)
            table.column("modulation", .real).notNull()
            table.column("attributes", .text).notNull()
            table.column("source", .text).notNull()
            table.column("receivedAt", .real)
            table.column("beforeVolume", .integer).notNull()
            table.column("onsetRule", .text).notNull()
            table.column("position", .text)
        }
    }

    private static func createOutputs(_ database: Database) throws {
        try database.create(table: "trial", options: .strict) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("runID", .integer).notNull().references("run", onDelete: .cascade)
            table.column("trial", .integer).notNull()
            table.column("readout", .integer).notNull()
            table.column("delay", .real).notNull()
            table.column("isFinal", .integer).notNull()
            table.column("lastVolume", .integer).notNull()
            table.column("isStandardized", .integer).notNull()
            table.column("repeats", .integer).notNull()
            table.column("doubts", .text).notNull()
            table.column("mean", .real)
            table.column("deviation", .real)
            table.column("pattern", .blob).notNull()
            table.column("response", .blob).notNull()
            table.column("publishedAt", .real)
            table.column("latencies", .text).notNull()
            table.uniqueKey(["runID", "trial", "readout"])
        }
        try database.create(table: "reconstruction", options: .strict) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("runID", .integer).notNull().indexed().references("run", onDelete: .cascade)
            table.column("trialID", .integer).notNull().references("trial", onDelete: .cascade)
            table.column("trial", .integer).notNull()
            table.column("sample", .integer).notNull()
            table.column("png", .blob).notNull()
            table.column("seed", .integer).notNull()
            table.column("sampler", .text).notNull()
            table.column("steps", .integer).notNull()
            table.column("plannedSteps", .integer).notNull()
            table.column("isCutShort", .integer).notNull()
            table.column("isLate", .integer).notNull()
            table.column("age", .real).notNull()
            table.column("agreement", .real)
            table.column("bundleHash", .text).notNull()
            table.column("configurationHash", .text).notNull()
            table.column("latencies", .text).notNull()
            table.column("publishedAt", .real).notNull()
            table.uniqueKey(["trialID", "sample"])
        }
    }

    private static func createStates(_ database: Database) throws {
        try database.create(table: "fault", options: .strict) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("sessionID", .integer).indexed().references("session", onDelete: .cascade)
            table.column("runID", .integer).references("run", onDelete: .cascade)
            table.column("at", .real).notNull()
            table.column("severity", .text).notNull()
            table.column("code", .text).notNull()
            table.column("subject", .text).notNull()
            table.column("detail", .text).notNull()
            table.column("count", .integer).notNull()
        }
        try database.create(table: "checkpoint", options: .strict) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("runID", .integer).notNull().references("run", onDelete: .cascade)
            table.column("nextVolume", .integer).notNull()
            table.column("file", .text).notNull()
            table.column("sha256", .text).notNull()
            table.uniqueKey(["runID", "nextVolume"])
        }
        try database.create(table: "statistics", options: .strict) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("runID", .integer).notNull().references("run", onDelete: .cascade)
            table.column("readout", .integer).notNull()
            table.column("means", .blob).notNull()
            table.column("deviations", .blob).notNull()
            table.uniqueKey(["runID", "readout"])
        }
    }
}
