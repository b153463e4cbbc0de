import Neuroimaging

/// A volume that came, or that should have come, and what became of it.
public struct VolumeRecord: LogRecord {
    /// What became of a volume.
    public enum Status: String, Sendable, Codable, CaseIterable {
        /// It was processed.
        case processed
        /// It had come before.
        case duplicate
        /// It came after later ones had been processed.
        case late
        /// It never came.
        case missing
        /// It came, but the machine was too busy for it.
        case dropped
        /// It came, but was not fit to be processed.
        case refused
    }

    /// The table that it belongs to.
    public static let table = "volume"

    /// The number of the row; nil until it is stored.
    public var id: Int64?
    /// The run's row.
    public var runID: Int64
    /// Its place in the order in which the run's volumes were dealt with, from 0.
    public var arrival: Int
    /// Its number in the run, from 0.
    public var index: Int
    /// What became of it.
    public var status: Status
    /// When its acquisition began, in s since 1970 on the clock of the source.
    public var acquiredAt: Double?
    /// When its last byte arrived, in s since 1970; of a missing one, when it was given up.
    public var receivedAt: Double
    /// The CRC-32 of its voxels as they came.
    public var checksum: UInt32?
    /// Its place in the stream.
    public var position: StreamPosition?
    /// The name of the recording's file that holds it; nil where it is not recorded.
    public var recording: String?
    /// Its place in that file, from 0.
    public var place: Int?
    /// The head's translation along x in mm.
    public var translationX: Double?
    /// The head's translation along y in mm.
    public var translationY: Double?
    /// The head's translation along z in mm.
    public var translationZ: Double?
    /// The head's rotation about x (pitch) in radians.
    public var rotationX: Double?
    /// The head's rotation about y (roll) in radians.
    public var rotationY: Double?
    /// The head's rotation about z (yaw) in radians.
    public var rotationZ: Double?
    /// Whether realignment is to be trusted, and why not.
    public var verdict: String?
    /// How far the head moved since the volume before, in mm.
    public var framewiseDisplacement: Double?
    /// How much the aligned head changed since the volume before, in percent.
    public var dvars: Double?
    /// The temporal signal-to-noise ratio of the region so far.
    public var temporalSignalToNoise: Double?
    /// What is wrong with it.
    public var flags: [String]
    /// How long each stage took, in ms.
    public var latencies: [String: Double]

    /// Describes a volume that was dealt with.
    public init(runID: Int64, arrival: Int, index: Int, status: Status, receivedAt: Double) {
        (self.runID, self.arrival, self.index, self.status) = (runID, arrival, index, status)
        self.receivedAt = receivedAt
        (flags, latencies) = ([], [:])
    }

    /// The head's position: translations in mm along x, y and z, then rotations in radians about x, y and z; nil where
    /// it was not estimated.
    public var motion: [Double]? {
        get {
            let numbers = [translationX, translationY, translationZ, rotationX, rotationY, rotationZ]
            let known = numbers.compactMap(\.self)
            return known.count == 6 ? known : nil
        }
        set {
            precondition(newValue?.count ?? 6 == 6, "a position has six parameters")
            (translationX, translationY, translationZ) = (newValue?[0], newValue?[1], newValue?[2])
            (rotationX, rotationY, rotationZ) = (newValue?[3], newValue?[4], newValue?[5])
        }
    }
}
