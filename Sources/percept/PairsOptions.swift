import ArgumentParser
import Foundation
import SessionDatasets
import Training

/// What is said of patterns with images besides where they are.
struct PairsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The images that events of sessions, or an HDF5 file, name.", valueName: "folder"))
    var stimuli: String?

    @Option(help: ArgumentHelp("Recorded sessions to test by; the others are to learn from.", valueName: "name,…"))
    var testSessions: NameList?

    @Option(help: ArgumentHelp("Runs to test by, each as RUN or SESSION/RUN.", valueName: "name,…"))
    var testRuns: NameList?

    /// Whether something is said of what is to test by.
    var namesTests: Bool { testSessions != nil || testRuns != nil }

    /// Patterns with images, and the sessions that they are from, if they are from any.
    ///
    /// What was not taken of sessions is told to the user.
    func read(_ argument: String) throws -> (data: PairedDataset, sessions: SessionDataset?) {
        let images = stimuli.map { URL(fileURLWithPath: $0) }
        guard let (state, names) = try DatasetArgument.sessions(argument) else {
            guard !namesTests else {
                throw CommandFailure(.usage, "--test-sessions and --test-runs are for sessions (session:STATE)")
            }
            return (try DatasetArgument.pairs(argument, images: images), nil)
        }
        guard let images else {
            throw CommandFailure(.usage, "--stimuli is missing: the folder of the images that the events name")
        }
        let sessions = try SessionDataset(state: state, images: images, options: options(names))
        if let exclusions = sessions.exclusions { StandardError.write("percept: \(exclusions)\n") }
        return (sessions.data, sessions)
    }

    /// Patterns without images; of sessions in the folder that the pairs are from, without those to test by.
    func readUnlabelled(
        _ argument: String,
        pairs: String,
        sessions: SessionDataset?
    ) throws -> UnlabelledPatterns {
        guard let (state, names) = try DatasetArgument.sessions(argument) else {
            return try DatasetArgument.unlabelled(argument)
        }
        let isSameLog = try DatasetArgument.sessions(pairs)?.state.standardizedFileURL == state.standardizedFileURL
        let patterns = try SessionPatterns(state: state, options: isSameLog ? options(names) : .init(sessions: names))
        if let exclusions = patterns.exclusions { StandardError.write("percept: unlabelled: \(exclusions)\n") }
        guard sessions.map({ $0.processing == patterns.processing }) ?? true else {
            throw CommandFailure(
                .badData,
                "\(argument): its sessions were processed with another region, reference or settings than the pairs"
            )
        }
        return UnlabelledPatterns(patterns.responses)
    }

    private func options(_ sessions: [String]?) -> SessionDataset.Options {
        var options = SessionDataset.Options(sessions: sessions)
        options.testSessions = Set(testSessions?.names ?? [])
        options.testRuns = Set(testRuns?.names ?? [])
        return options
    }
}

/// Names, separated by commas.
struct NameList: ExpressibleByArgument {
    let names: [String]

    init?(argument: String) {
        names = argument.split(separator: ",").map(String.init)
        guard !names.isEmpty else { return nil }
    }
}
