import ArgumentParser
import Foundation
import Simulation
import Streaming
import UnixSignals
import WireFormat

/// A scan of a simulated participant that a daemon of our own decodes while it runs.
struct DemoSession: Sendable {
    /// What came of it.
    struct Outcome: Sendable {
        /// What was sent.
        var replay: ReplaySummary
        /// The trials whose image came, in that order.
        var trials: [DemoTrial]
        /// The daemon's last word.
        var status: StatusBody
        /// Messages of the daemon that did not reach us.
        var missed: Int
    }

    /// Addresses of something that publishes and repeats.
    typealias Addresses = (publish: String, resend: String)

    let data: DemoData
    let folder: DemoFolder
    let visit: Int
    let speed: Double
    let settings: @Sendable (_ input: Addresses, _ output: Addresses) -> DemoSettings

    /// The session's name.
    static let name = "demo"
    /// How long the daemon has to become ready, and then to hear the scanner.
    private static let patience = Duration.seconds(120)
    /// How long an image may take.
    private static let longestWait = Duration.seconds(120)

    /// Runs it and stops the daemon whatever happens.
    ///
    /// - Parameter show: Is called with each image as it comes.
    func run(_ show: @escaping @Sendable (DemoTrial) throws -> Void) async throws -> Outcome {
        let ports = try LoopbackPorts.free(2).map { "tcp://127.0.0.1:\($0)" }
        let publisher = try await StreamPublisher(
            PublisherSettings(publish: "tcp://127.0.0.1:*", resend: "tcp://127.0.0.1:*"),
            name: "demo"
        )
        let text = settings((publisher.address, publisher.resendAddress), (ports[0], ports[1])).yaml
        try Data(text.utf8).write(to: folder.settings)
        let subscriber = try await PerceptSubscriber(ports[0], buffer: 65_536)
        let daemon: DaemonProcess
        do {
            daemon = try DaemonProcess(settings: folder.settings, log: folder.log)
        } catch {
            await subscriber.close()
            await publisher.close()
            throw error
        }
        let result: Result<Outcome, any Error>
        do {
            result = .success(try await follow(daemon, publisher, subscriber, show))
        } catch {
            result = .failure(error)
        }
        await daemon.stop()
        await subscriber.close()
        await publisher.close()
        return try result.get()
    }

    /// Streams the run and follows the daemon, until all is there, the daemon fails or a signal comes.
    private func follow(
        _ daemon: DaemonProcess,
        _ publisher: StreamPublisher,
        _ subscriber: PerceptSubscriber,
        _ show: @escaping @Sendable (DemoTrial) throws -> Void
    ) async throws -> Outcome {
        let trials = DemoTrials(pictures: data.pictures, modelSize: data.manifest.networks.autoencoder.resolution)
        return try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) {
                    throw ExitCode(128 + signal.rawValue)
                }
                return nil
            }
            group.addTask {
                try await daemon.failure()
                return nil
            }
            group.addTask {
                for await message in subscriber.messages {
                    if let trial = try trials.take(message) { try show(trial) }
                    guard let volumes = trials.snapshot.status?.volumes else { continue }
                    if volumes.refused > 0, volumes.processed == 0 { throw refusal(daemon) }
                }
                return nil
            }
            group.addTask {
                let replay = try await stream(over: publisher, trials)
                return try await outcome(replay, trials, subscriber)
            }
            defer { group.cancelAll() }
            while let outcome = try await group.next() {
                if let outcome { return outcome }
            }
            throw CommandFailure(.internal, "the demo ended without a result")
        }
    }

    /// Why a daemon takes none of the volumes.
    private func refusal(_ daemon: DaemonProcess) -> CommandFailure {
        let words = daemon.lastLines(20).last { $0.contains("volume") } ?? "see \(folder.log.path)"
        return CommandFailure(.configuration, "perceptd takes none of the participant's volumes: \(words)")
    }

    /// Sends the run once the daemon is ready for it.
    private func stream(over publisher: StreamPublisher, _ trials: DemoTrials) async throws -> ReplaySummary {
        guard try await until(within: Self.patience, { trials.snapshot.status?.state == "waiting" }),
            await publisher.waitForSubscriber(timeout: Self.patience)
        else {
            throw CommandFailure(.unavailable, "perceptd was not ready in \(Self.patience); see \(folder.log.path)")
        }
        var options = Replay.Options()
        (options.session, options.speed) = (Self.name, speed)
        let (data, visit) = (data, visit)
        let replay = Replay(options, over: PerceptReplaySender(publisher)) { try data.run(visit: visit) }
        return try await replay.run()
    }

    /// Waits for the images that are still to come.
    private func outcome(
        _ replay: ReplaySummary,
        _ trials: DemoTrials,
        _ subscriber: PerceptSubscriber
    ) async throws -> Outcome {
        _ = try await until(within: .seconds(86_400)) {
            let state = trials.snapshot
            return state.isComplete || ContinuousClock.now - state.latest > Self.longestWait
        }
        let state = trials.snapshot
        guard let status = state.status else {
            throw CommandFailure(.unavailable, "perceptd fell silent; see \(folder.log.path)")
        }
        return Outcome(replay: replay, trials: state.trials, status: status, missed: subscriber.counters.missed)
    }

    private func until(within limit: Duration, _ condition: () -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + limit
        while !condition() {
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: .milliseconds(50))
        }
        return true
    }
}
