import ArgumentParser
import Foundation
import Neuroimaging
import Streaming

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send a run again as a scanner does, at its pace or another, with faults if wanted.",
        discussion: """
            The run is a NIfTI file (with the metadata and events that BIDS has beside it), a folder with DICOM files, a \
            recording (.h5), or a folder with sessions (with --recorded). Volumes are numbered from 0. Each comes one \
            repetition time after its acquisition began, as from a scanner; events come at their onsets.

            Faults (--fault, repeatable): drop:P loses volumes for good with probability P, withhold:P loses them on the \
            way so that they can be asked for again, duplicate:P sends them twice, reorder:P swaps them with the next, \
            corrupt:P changes a byte (or cuts a file short), delay:S makes them up to S seconds late, stall:N:S sends \
            nothing for S seconds from volume N on, disconnect:N:S closes the connection for S seconds before volume N. \
            The same --seed makes the same faults; each is named on standard error and counted in the summary.
            """
    )

    /// The protocols.
    enum Transport: String, ExpressibleByArgument, CaseIterable {
        case percept, pyneal, afni, folder
    }

    @Argument(help: "The run: a NIfTI file, a DICOM folder, a recording, or a folder with sessions.")
    var source: String

    @Option(name: .customLong("protocol"), help: "How volumes are sent: percept, pyneal, afni or folder.")
    var transport = Transport.percept

    @Option(
        help: ArgumentHelp(
            "Where: an address to bind (percept, tcp://127.0.0.1:5560) or connect to (pyneal, tcp://127.0.0.1:5555; "
                + "afni, 127.0.0.1:7961:7960), or a folder."
        )
    )
    var address: String?

    @Option(help: "The address for requests to send again; by default the port after --address's.")
    var resend: String?

    @Option(help: "The session that it is sent as.")
    var session = "replay"

    @Option(help: "The run that it is sent as; by default its own name.")
    var run: String?

    @Option(help: "How many times faster than the scanner, or max.")
    var speed = "1"

    @Option(help: "The time from volume to volume in s, if the run does not say it.")
    var tr: Double?

    @Option(help: "The volumes that are sent, such as 0-77.")
    var volumes: String?

    @Option(help: "How often they are sent, one pass after another in one run.")
    var passes = 1

    @Option(help: "The events: a BIDS events.tsv; by default those of the run.")
    var events: String?

    @Flag(help: "Send all events before the first volume.")
    var eventsFirst = false

    @Option(help: "Which series of a DICOM folder, by its number.")
    var series: Int?

    @Option(help: "Which run of a folder with sessions: SESSION or SESSION/RUN.")
    var recorded: String?

    @Option(help: "Something that goes wrong; see above.")
    var fault: [String] = []

    @Option(help: "What decides to which volumes it happens.")
    var seed: UInt64 = 0

    @Option(help: "The file with this publisher's CURVE keys, made by percept keygen.")
    var key: String?

    // Keys may begin with a dash.
    @Option(parsing: .unconditionalSingleValue, help: "A public key, or a file with some, of those who may connect.")
    var allow: [String] = []

    @Flag(help: "Wait for a subscriber before the first volume.")
    var waitForSubscriber = false

    @Option(help: "How long a subscriber or receiver is waited for, in s.")
    var timeout = 60.0

    @Option(help: "How long requests to send again are answered after the end, in s.")
    var linger = 2.0

    @Flag(help: "Print the summary as JSON.")
    var json = false

    func validate() throws {
        let factor = speed == "max" ? .infinity : Double(speed) ?? .nan
        guard factor > 0 else { throw ValidationError("--speed takes a number above 0, or max.") }
        guard tr.map({ $0 > 0 && $0.isFinite }) ?? true else { throw ValidationError("--tr must be above 0.") }
        guard passes >= 1, passes <= 1_000_000 else { throw ValidationError("--passes must be 1 or more.") }
        guard volumes == nil || range != nil else { throw ValidationError("--volumes takes two numbers: 0-77.") }
        for text in fault where ReplayFault(text) == nil {
            throw ValidationError("--fault does not take \(text): see percept replay --help.")
        }
        guard timeout >= 0, linger >= 0, timeout.isFinite, linger.isFinite else {
            throw ValidationError("--timeout and --linger are in seconds, from 0.")
        }
        guard transport == .percept || (key == nil && allow.isEmpty && !waitForSubscriber && resend == nil) else {
            throw ValidationError("Keys, --resend and --wait-for-subscriber belong to the protocol percept.")
        }
        guard transport != .folder || address != nil else { throw ValidationError("Give the folder with --address.") }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let options = try options()
            let source = ReplaySource(path: source, series: series, recorded: recorded)
            let sender = try await ReplayConnection(self).sender()
            let replay = Replay(options, over: sender, of: { try source.open() })
            let progress = ReplayNotices(showsProgress: !json)
            let summary: ReplaySummary
            do {
                summary = try await replay.run { progress.show($0) }
            } catch {
                await sender.close()
                throw error
            }
            if transport == .percept { try await Task.sleep(for: .seconds(linger)) }
            await sender.close()
            print(try json ? summary.json : summary.text)
        }
    }

    private var range: ClosedRange<Int>? {
        let ends = (volumes ?? "").split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, last >= first else { return nil }
        return first...last
    }

    private func options() throws -> Replay.Options {
        var options = Replay.Options()
        (options.session, options.run, options.seed) = (session, run, seed)
        options.speed = speed == "max" ? .infinity : Double(speed) ?? 1
        (options.repetitionTime, options.volumes, options.passes) = (tr, range, passes)
        options.events = try events.map { try EventTable(contentsOf: URL(fileURLWithPath: $0)).events }
        options.eventsFirst = eventsFirst
        options.faults = fault.compactMap { ReplayFault($0) }
        return options
    }
}
