import Settings
import Simulation

@testable import Neuroimaging

/// Small participants and scans.
enum Example {
    /// A coarse scan of a coarse cortex, quick to make.
    static func settings(_ overrides: String...) throws -> SimulationSettings {
        let small = [
            "acquisition.matrix=32", "acquisition.slices=16", "acquisition.voxelSize=6", "acquisition.sliceThickness=6",
            "acquisition.multiband=2", "cortex.siteSpacing=6", "cortex.pointSpread=6", "noise.spikeRate=0",
        ]
        return try SimulationSettings(yaml: "", file: "test", overrides: small + overrides)
    }

    /// A bright square somewhere on a dark ground.
    static func square(row: Int, column: Int, side: Int = 8, size: Int = 32) -> GreyImage {
        var pixels = [Float](repeating: 0, count: size * size)
        for y in row..<min(size, row + side) {
            for x in column..<min(size, column + side) { pixels[y * size + x] = 1 }
        }
        return GreyImage(height: size, width: size, pixels: pixels)
    }

    /// Squares at places on a grid, each of another category than its neighbours.
    static func stimuli(_ count: Int) -> [SimulatedStimulus] {
        (0..<count).map { number in
            SimulatedStimulus(
                name: "square-\(number).png",
                image: square(row: number * 7 % 24, column: number * 5 % 24),
                category: number % 2 == 0 ? "even" : "odd"
            )
        }
    }

    /// The voxels of the brain that are bright in a volume without noise.
    static func brain(_ run: SimulatedRun) throws -> [Int] {
        let volume = try run.volume(0).volume
        return volume.voxels.indices.filter { volume.voxels[$0] > 700 }
    }
}
