import Neuroimaging
import WireFormat

extension VoxelType {
    /// The type as NIfTI has it.
    public var dataType: NIfTIDataType {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .int16: .int16
        case .uint16: .uint16
        case .int32: .int32
        case .uint32: .uint32
        case .float32: .float32
        case .float64: .float64
        }
    }

    /// The type on the wire; nil for 64-bit whole numbers and others that do not travel.
    public init?(_ dataType: NIfTIDataType) {
        guard let type = Self.allCases.first(where: { $0.dataType == dataType }) else { return nil }
        self = type
    }
}

extension VolumeBody {
    /// Describes a volume whose bytes are the payload.
    ///
    /// Throws ``WireError`` `unsupported` if its type does not travel; store it as ``StoredVolume/init(_:)`` does.
    public init(
        _ volume: StoredVolume,
        index: Int,
        repetitionTime: Double? = nil,
        acquiredAt: Double? = nil
    ) throws(WireError) {
        guard let dtype = VoxelType(volume.dataType) else {
            throw WireError(.unsupported, "dtype", "cannot be \(volume.dataType); send single precision instead")
        }
        let shape = volume.grid.shape
        self.init(
            index: index,
            shape: [shape.x, shape.y, shape.z],
            dtype: dtype,
            slope: volume.slope == 1 ? nil : volume.slope,
            intercept: volume.intercept == 0 ? nil : volume.intercept,
            affine: volume.grid.affine.rows.map { [$0.x, $0.y, $0.z, $0.w] } + [[0, 0, 0, 1]],
            repetitionTime: repetitionTime,
            acquiredAt: acquiredAt,
            checksum: volume.checksum
        )
    }

    /// Describes a volume as it came.
    public init(_ incoming: IncomingVolume) throws(WireError) {
        try self.init(
            incoming.volume,
            index: incoming.index,
            repetitionTime: incoming.repetitionTime,
            acquiredAt: incoming.acquiredAt
        )
    }

    /// The volume, of a payload that has been checked for its size.
    ///
    /// Throws ``WireError`` `corrupt` if its checksum is another, `malformed` if the affine cannot be inverted.
    public func storedVolume(_ payload: [UInt8]) throws(WireError) -> StoredVolume {
        let checksum = payload.withUnsafeBytes { StoredVolume.checksum($0) }
        guard checksum == UInt32(self.checksum, radix: 16) else {
            throw WireError(
                .corrupt,
                "volume \(index)",
                "has the checksum \(String(checksum, radix: 16)), not \(self.checksum); it changed on the way"
            )
        }
        let affine = Affine(numbers: self.affine.prefix(3).flatMap { $0 })
        guard affine.isUsable else { throw WireError(.malformed, "affine", "maps the volume flat") }
        do {
            return try StoredVolume(
                grid: VoxelGrid(shape: SIMD3(shape[0], shape[1], shape[2]), affine: affine),
                dataType: dtype.dataType,
                bytes: payload,
                slope: slope ?? 1,
                intercept: intercept ?? 0
            )
        } catch {
            throw WireError(.malformed, error.subject, error.detail)
        }
    }
}

extension EventBody {
    /// Describes an event as it came.
    public init(_ incoming: IncomingEvent) {
        let event = incoming.event
        self.init(
            duration: event.duration,
            trialType: event.trialType,
            stimulusFile: event.stimulusFile,
            modulation: event.modulation == 1 ? nil : event.modulation,
            attributes: event.attributes.isEmpty ? nil : event.attributes
        )
        switch incoming.onset {
        case .run(let onset): self.onset = onset
        case .clock(let time): self.time = time
        case .arrival: break
        }
    }

    /// What it was, and when it began; the event's own onset is 0 unless it is known.
    public var stimulus: (event: StimulusEvent, onset: IncomingEvent.Onset) {
        let event = StimulusEvent(
            onset: onset ?? 0,
            duration: duration,
            trialType: trialType,
            stimulusFile: stimulusFile,
            modulation: modulation ?? 1,
            attributes: attributes ?? [:]
        )
        return (event, onset.map { .run($0) } ?? time.map { .clock($0) } ?? .arrival)
    }
}

extension RunBody {
    /// Describes the start of a run.
    public init(starting run: RunDescription) {
        self.init(
            phase: .start,
            subject: run.subject,
            task: run.task,
            repetitionTime: run.repetitionTime,
            plannedVolumes: run.plannedVolumes,
            startedAt: run.startedAt
        )
    }

    /// The run, with the names of its message.
    public func description(session: String, run: String) -> RunDescription {
        var description = RunDescription(session: session, run: run)
        description.subject = subject
        description.task = task
        description.repetitionTime = repetitionTime
        description.plannedVolumes = plannedVolumes
        description.startedAt = startedAt
        return description
    }
}

extension SourceFault {
    /// What is wrong with a message from an address.
    init(_ error: WireError, from address: String) {
        let code: Code =
            switch error.code {
            case .malformed: .malformed
            case .unsupported: .refused
            case .tooLarge: .tooLarge
            case .corrupt: .corrupt
            }
        self.init(code, "\(address) \(error.subject)", error.detail)
    }
}
