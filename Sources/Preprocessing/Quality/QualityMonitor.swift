import Foundation
import Neuroimaging
import Tensors

/// Judges each volume by what was known up to it.
public struct QualityMonitor: Sendable {
    /// The thresholds.
    public let thresholds: QualityThresholds
    private let head: PointCloud
    private var signalToNoise: TemporalSignalToNoise
    private var previousMotion: RigidMotion?
    private var previousHead: [Float]
    private var currentHead: [Float]
    private var hasHead = false
    private var median = 1.0

    /// Starts a run.
    /// - Parameters:
    ///   - head: points of the reference's head, in mm, for DVARS.
    ///   - voxels: the number of voxels of the region.
    public init(head: PointCloud, voxels: Int, thresholds: QualityThresholds = QualityThresholds()) {
        self.head = head
        self.thresholds = thresholds
        signalToNoise = TemporalSignalToNoise(voxels: voxels)
        previousHead = [Float](repeating: 0, count: head.count)
        currentHead = previousHead
    }

    /// Framewise displacement: the sum of the changes of the six parameters, rotations as arcs of 50 mm.
    public static func framewiseDisplacement(_ motion: RigidMotion, after previous: RigidMotion) -> Double {
        zip(motion.parameters, previous.parameters).enumerated().reduce(0) { sum, item in
            sum + abs(item.element.0 - item.element.1) * (item.offset < 3 ? 1 : 50)
        }
    }

    /// Measures how the head moved and changed.
    /// - Parameters:
    ///   - volume: the volume, not smoothed.
    ///   - estimate: where the head is.
    ///   - map: from the reference's mm to the volume's voxel indices.
    public mutating func judge(
        _ volume: SplineVolume,
        _ estimate: MotionEstimate,
        map: Affine,
        kernels: VolumeKernels
    ) -> VolumeQuality {
        var quality = VolumeQuality()
        if let previousMotion {
            quality.framewiseDisplacement = Self.framewiseDisplacement(estimate.motion, after: previousMotion)
        }
        previousMotion = estimate.motion
        swap(&previousHead, &currentHead)
        // A point outside keeps its value of two volumes ago, close enough for a few points at the edge.
        volume.sample(&currentHead, at: head, map: map, kernels: kernels)
        if hasHead {
            var sum = 0.0
            for (now, before) in zip(currentHead, previousHead) {
                let difference = Double(now) - Double(before)
                sum += difference * difference
            }
            quality.dvars = 100 * (sum / Double(max(1, head.count))).squareRoot() / median
        } else {
            previousHead = currentHead
            median = max(Double(currentHead.sorted()[currentHead.count / 2]), .leastNormalMagnitude)
            hasHead = true
        }
        if !estimate.isConverged { quality.flags.insert(.notAligned) }
        if quality.framewiseDisplacement > thresholds.framewiseDisplacement { quality.flags.insert(.motion) }
        if let dvars = quality.dvars, dvars > thresholds.dvars { quality.flags.insert(.intensityChange) }
        return quality
    }

    /// Adds what the region's values say.
    public mutating func judge(_ quality: inout VolumeQuality, values: [Float], spikes: Int, outside: Int) {
        quality.spikes = spikes
        quality.voxelsOutside = outside
        quality.temporalSignalToNoise = signalToNoise.update(values)
        let count = Double(values.count)
        if Double(spikes) > thresholds.spikeShare * count { quality.flags.insert(.spikes) }
        if Double(outside) > thresholds.outsideShare * count { quality.flags.insert(.outsideVolume) }
    }

    /// Writes what the next volume is compared with.
    public func save(to state: inout StateWriter) {
        signalToNoise.save(to: &state)
        state.write(previousMotion != nil)
        state.write((previousMotion ?? .none).parameters)
        state.write(previousHead)
        state.write(currentHead)
        state.write(hasHead)
        state.write(median)
    }

    /// Goes on from a saved state.
    public mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        try signalToNoise.restore(from: &state)
        let hasMotion = try state.bool()
        let motion = RigidMotion(parameters: try state.doubles(6))
        previousMotion = hasMotion ? motion : nil
        previousHead = try state.floats(head.count)
        currentHead = try state.floats(head.count)
        hasHead = try state.bool()
        median = try state.double()
    }
}
