import Foundation
import Neuroimaging
import Synchronization

@testable import Streaming

/// What a source has delivered so far.
final class PeerInputs: Sendable {
    private let inputs = Mutex<[ScannerInput]>([])

    func add(_ input: ScannerInput) { inputs.withLock { $0.append(input) } }

    var all: [ScannerInput] { inputs.withLock { $0 } }
    var starts: [RunDescription] { all.compactMap { if case .runStart(let run, _) = $0 { run } else { nil } } }
    var volumes: [IncomingVolume] { all.compactMap { if case .volume(let volume) = $0 { volume } else { nil } } }
    var ends: [String] { all.compactMap { if case .runEnd(_, let run, _) = $0 { run } else { nil } } }
    var faults: [SourceFault] { all.compactMap { if case .fault(let fault) = $0 { fault } else { nil } } }

    func faults(_ code: SourceFault.Code) -> [SourceFault] { faults.filter { $0.code == code } }

    /// Whether something comes true before a test would be taken for hung.
    func wait(for condition: (PeerInputs) -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if condition(self) { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return condition(self)
    }
}

/// Runs a source as long as a test talks to it.
func withSource<Source: VolumeSource>(_ source: Source, _ body: (PeerInputs) async throws -> Void) async throws {
    let inputs = PeerInputs()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await source.run(resumingAt: nil) { inputs.add($0) } }
        do {
            try await body(inputs)
        } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// A small run whose voxels differ from each other and from volume to volume.
enum SmallRun {
    static let grid = VoxelGrid(
        shape: [7, 6, 5],
        affine: Affine(rows: [-3, 0, 0, 9], [0, 2.4, -1.8, -8], [0, 1.8, 2.4, -12])
    )

    static func volume(_ index: Int, _ type: NIfTIDataType = .int16) throws -> StoredVolume {
        let size = type.size
        let bytes = (0..<grid.count * size).map { place -> UInt8 in
            // Numbers of any type that are small and finite.
            let isTop = place % size == size - 1
            return isTop ? 0 : UInt8(truncatingIfNeeded: place &* 37 &+ index &* 11)
        }
        return try StoredVolume(grid: grid, dataType: type, bytes: bytes)
    }
}
