import Foundation
import Plotting
import Preprocessing

/// Motion and quality of a run over its volumes.
enum QualityPlot {
    static func chart(_ run: PreprocessedRun, _ inputs: PreprocessInputs) -> LineChart {
        let numbers = run.volumes.map { Double($0.number) }
        let motions = run.volumes.map(\.motion.motion)
        let qualities = run.volumes.map(\.quality)
        func series(_ name: String, _ values: [Double]) -> LineChart.Series {
            LineChart.Series(name, x: numbers, values)
        }
        // Two volumes that are nearly alike have a ratio of hundreds, which would flatten the rest of the line.
        func steadySignalToNoise(_ qualities: [VolumeQuality]) -> [Double] {
            qualities.enumerated().map { $0 < 8 ? .nan : $1.temporalSignalToNoise ?? .nan }
        }
        let degrees = 180 / Double.pi
        return LineChart(
            title: "Motion and quality",
            xLabel: "volume",
            panels: [
                LineChart.Panel(
                    title: "Translation",
                    yLabel: "mm",
                    series: ["x", "y", "z"].enumerated().map { axis, name in
                        series(name, motions.map { $0.translation[axis] })
                    }
                ),
                LineChart.Panel(
                    title: "Rotation",
                    yLabel: "degrees",
                    series: ["pitch", "roll", "yaw"].enumerated().map { axis, name in
                        series(name, motions.map { $0.rotation[axis] * degrees })
                    }
                ),
                LineChart.Panel(
                    title: "Framewise displacement",
                    yLabel: "mm",
                    series: [series("", qualities.map(\.framewiseDisplacement))],
                    thresholds: [.init("threshold", inputs.configuration.quality.framewiseDisplacement)]
                ),
                LineChart.Panel(
                    title: "DVARS",
                    yLabel: "percent",
                    series: [series("", qualities.map { $0.dvars ?? .nan })],
                    thresholds: [.init("threshold", inputs.configuration.quality.dvars)]
                ),
                LineChart.Panel(
                    title: "Temporal signal-to-noise ratio of the region",
                    yLabel: "mean / sd",
                    series: [series("", steadySignalToNoise(qualities))]
                ),
            ],
            marks: [
                LineChart.Marks(
                    "not used",
                    run.volumes.filter { !$0.quality.isUsable }.map { Double($0.number) }
                )
            ]
        )
    }
}
