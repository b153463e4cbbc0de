import Evaluation
import Foundation
import Images
import Streaming
import Synchronization
import WireFormat

/// A trial whose image has come.
struct DemoTrial: Sendable {
    /// What the daemon said of it.
    var body: ReconstructionBody
    /// Whether sampling was cut short.
    var isPreview: Bool
    /// What was seen, at the size of comparison.
    var seen: Image8
    /// What was made of it, at the size of comparison.
    var made: Image8
    /// The correlation of their pixels; nil if one of them has only one value.
    var correlation: Double?
}

/// What a daemon has said so far about the run of a demo.
final class DemoTrials: Sendable {
    struct State {
        /// The trials in the order in which their images came.
        var trials: [DemoTrial] = []
        /// The trials whose last pattern has come.
        var patterns: Set<Int> = []
        /// The latest status since the latest image.
        var status: StatusBody?
        /// Whether the run is over.
        var isOver = false
        /// When the latest pattern or image came.
        var latest = ContinuousClock.now

        /// Whether each trial has got its image, or never will, and the daemon has counted it.
        var isComplete: Bool {
            guard isOver, let status, status.state == "waiting" else { return false }
            if patterns.isSubset(of: trials.map(\.body.trial)) { return true }
            // What failed or was dropped does not come any more.
            let isIdle = (status.queues["trials"]?.waiting ?? 0) == 0
            return isIdle && ContinuousClock.now - latest > .seconds(10)
        }
    }

    private let state = Mutex(State())
    private let pictures: [String: Image8]
    private let fitting: ImageFitting

    /// - Parameters:
    ///   - pictures: What is shown, by the names in events.
    ///   - modelSize: The side of the decoder's images.
    init(pictures: [String: Image8], modelSize: Int) {
        self.pictures = pictures
        fitting = ImageFitting(modelSize: modelSize, originals: Array(pictures.values))
    }

    /// What is known now.
    var snapshot: State { state.withLock { $0 } }

    /// Takes in a message; returns the trial whose image it is.
    func take(_ message: ReceivedMessage) throws -> DemoTrial? {
        switch message.content {
        case .run(let body) where body.phase == .end: state.withLock { $0.isOver = true }
        case .status(let body): state.withLock { $0.status = body }
        case .pattern(let body) where body.isFinal:
            state.withLock {
                $0.patterns.insert(body.trial)
                $0.latest = .now
            }
        case .reconstruction(let body) where body.sample == 0:
            return try add(body, isPreview: false, message.payload)
        case .preview(let body) where body.sample == 0: return try add(body, isPreview: true, message.payload)
        default: break
        }
        return nil
    }

    private func add(_ body: ReconstructionBody, isPreview: Bool, _ payload: [[UInt8]]) throws -> DemoTrial? {
        guard let name = body.stimulusFile, let picture = pictures[name] else { return nil }
        let image = try PNG.decode(Data(payload.first ?? []), name: "trial \(body.trial)")
        let (seen, made) = (fitting.original(picture), fitting.fromModel(image))
        let correlation = try PixelMetrics.correlation(seen, made)
        let trial = DemoTrial(
            body: body,
            isPreview: isPreview,
            seen: seen,
            made: made,
            correlation: correlation.isNaN ? nil : correlation
        )
        return state.withLock { state in
            guard !state.trials.contains(where: { $0.body.trial == body.trial }) else { return nil }
            state.trials.append(trial)
            // What was counted before is out of date.
            (state.status, state.latest) = (nil, .now)
            return trial
        }
    }
}
