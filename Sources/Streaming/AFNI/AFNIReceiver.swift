import Neuroimaging
import WireFormat

/// Makes scanner input of what one connection of an AFNI sender brings.
struct AFNIReceiver {
    private let peer: String
    private let session: String
    private var reader: AFNIStreamReader
    private var run: String?
    private var metadata: AFNIMetadata?
    private var volumes = 0

    /// Begins with a connection.
    init(peer: String, session: String, largestVolume: Int, channel: Int) {
        (self.peer, self.session) = (peer, session)
        reader = AFNIStreamReader(largestVolume: largestVolume, channel: channel)
    }

    /// Whether a run is under way.
    var isInRun: Bool { run != nil }

    /// Takes in bytes and delivers what they complete; names come from `names`.
    mutating func take(
        _ bytes: ArraySlice<UInt8>,
        at arrival: Arrival,
        names: inout PeerRunNames,
        deliver: (ScannerInput) -> Void
    ) throws(WireError) {
        var items: [AFNIStreamReader.Item] = []
        // What was whole before an error counts.
        defer { for item in items { inputs(item, arrival, &names).forEach(deliver) } }
        try reader.take(bytes) { items.append($0) }
    }

    private mutating func inputs(
        _ item: AFNIStreamReader.Item,
        _ arrival: Arrival,
        _ names: inout PeerRunNames
    ) -> [ScannerInput] {
        switch item {
        case .run(let metadata): start(metadata, arrival, &names)
        case .volume(let index, let voxels): [volume(index, voxels, arrival)]
        case .end(let unfinished): end("the sender says so", unfinished: unfinished)
        }
    }

    /// Ends what is under way when the connection does.
    mutating func finish(_ reason: String) -> [ScannerInput] {
        if reader.unfinishedMetadata > 0 {
            let detail = "\(reason) after \(reader.unfinishedMetadata) bytes of metadata without their end, a zero byte"
            return [.fault(SourceFault(.truncated, peer, detail))]
        }
        return end(reason, unfinished: reader.unfinished)
    }

    /// What there is to say when nothing has come for a while, unless that is as it should be.
    func silence(of seconds: Double) -> SourceFault? {
        guard reader.unfinished > 0 || reader.unfinishedMetadata > 0 else { return nil }
        let what = reader.unfinished > 0 ? "volume \(volumes)" : "the metadata"
        return SourceFault(.disconnected, peer, "has sent a part of \(what), then nothing for \(Int(seconds)) s")
    }

    private mutating func start(
        _ metadata: AFNIMetadata,
        _ arrival: Arrival,
        _ names: inout PeerRunNames
    ) -> [ScannerInput] {
        let name = names.next(metadata.name)
        (run, volumes, self.metadata) = (name, 0, metadata)
        var description = RunDescription(session: session, run: name)
        description.repetitionTime = metadata.repetitionTime
        description.plannedVolumes = metadata.plannedVolumes
        return metadata.warnings.prefix(20).map { .fault(SourceFault(.malformed, "\(peer), metadata", $0)) }
            + [.runStart(description, arrival)]
    }

    private mutating func volume(_ index: Int, _ voxels: [UInt8], _ arrival: Arrival) -> ScannerInput {
        volumes = index + 1
        guard let run, let metadata else { preconditionFailure("volumes come within a run") }
        do {
            return .volume(
                IncomingVolume(
                    session: session,
                    run: run,
                    index: index,
                    volume: try StoredVolume(grid: metadata.grid, dataType: metadata.datum.dataType, bytes: voxels),
                    repetitionTime: metadata.repetitionTime,
                    arrival: arrival
                )
            )
        } catch {
            return .fault(SourceFault(.malformed, "\(peer), volume \(index)", error.detail))
        }
    }

    private mutating func end(_ reason: String, unfinished: Int) -> [ScannerInput] {
        guard let run else { return [] }
        self.run = nil
        var inputs: [ScannerInput] = []
        if unfinished > 0 {
            let detail = "\(reason) after \(unfinished) bytes of a volume, which is lost"
            inputs.append(.fault(SourceFault(.truncated, "\(peer), volume \(volumes)", detail)))
        }
        return inputs + [.runEnd(session: session, run: run, reason: reason)]
    }
}
