import Foundation

extension GODArrays {
    /// Reads `SubjectN.h5`, the original publication, and makes of it what `sbj_N.npz` holds.
    ///
    /// Voxels are z-scored within each run: a stretch of samples of one kind in one session and run. Imagery is dropped.
    /// - Parameter numbers: the numbers of the training and of the test images, in their order.
    init(bdata url: URL, region: String, numbers: (training: [Double], test: [Double])) throws {
        let file = try BDataFile(contentsOf: url)
        let columns = try file.columns(of: "ROI_\(region)")
        let kinds = try file.column("DataType")
        let identifiers = try file.column(file.keys.contains("stimulus_id") ? "stimulus_id" : "Label")
        let standardized = try Self.standardized(file, columns: columns, kinds: kinds)
        // 1 training, 2 seen test images, 3 imagined ones.
        let part = { (kind: Double, known: [Double], list: String) in
            let rows = kinds.indices.filter { kinds[$0] == kind }
            guard !rows.isEmpty else {
                throw DatasetError(.malformed, url.path, "it has no samples of DataType \(Int(kind)) (\(list))")
            }
            let images = try rows.map { row in
                guard let image = Self.nearest(identifiers[row], in: known) else {
                    let detail = "the stimulus \(identifiers[row]) of row \(row) is not in the list of \(list) images"
                    throw DatasetError(.unknownName, url.path, detail)
                }
                return image
            }
            return (standardized.selecting(rows: rows), images)
        }
        let training = try part(1, numbers.training, "training")
        let trials = try part(2, numbers.test, "test")
        try self.init(
            path: url.path,
            training: training,
            averaged: try Self.averages(trials.0, images: trials.1, count: numbers.test.count, path: url.path),
            trials: trials,
            counts: (numbers.training.count, numbers.test.count)
        )
    }

    /// The position of the number next to `number`, unless that is another image.
    ///
    /// Files hold numbers such as 1518878.010042 in 64 bits, with all six decimals.
    private static func nearest(_ number: Double, in known: [Double]) -> Int? {
        let distances = known.map { abs($0 - number) }
        guard let best = distances.indices.min(by: { distances[$0] < distances[$1] }), distances[best] < 5e-7 else {
            return nil
        }
        return best
    }

    private static func standardized(_ file: BDataFile, columns: [Int], kinds: [Double]) throws -> ResponseMatrix {
        let runs = try file.column("Run")
        let sessions = file.keys.contains("Session") ? try file.column("Session") : runs.map { _ in 0 }
        var values: [Float] = []
        values.reserveCapacity(file.samples * columns.count)
        var start = 0
        while start < file.samples {
            var end = start + 1
            while end < file.samples, runs[end] == runs[start], sessions[end] == sessions[start],
                kinds[end] == kinds[start]
            { end += 1 }
            let run = file.values(rows: Array(start..<end), columns: columns)
            guard run.allSatisfy(\.isFinite) else {
                let detail = "a response in rows \(start) to \(end - 1) is not finite"
                throw DatasetError(.malformed, file.url.path, detail)
            }
            values += zScored(run, rows: end - start)
            start = end
        }
        return ResponseMatrix(rows: file.samples, columns: columns.count, values: values)
    }

    /// The columns less their means, divided by their population deviations; 0 where nothing varies.
    private static func zScored(_ values: [Double], rows: Int) -> [Float] {
        let columns = values.count / rows
        var means = [Double](repeating: 0, count: columns)
        var squares = means
        for (index, value) in values.enumerated() { means[index % columns] += value / Double(rows) }
        for (index, value) in values.enumerated() {
            let difference = value - means[index % columns]
            squares[index % columns] += difference * difference
        }
        let deviations = squares.map { ($0 / Double(rows)).squareRoot() }
        return values.enumerated().map { index, value in
            let deviation = deviations[index % columns]
            return deviation > 0 ? Float((value - means[index % columns]) / deviation) : 0
        }
    }

    /// The mean response to every test image.
    private static func averages(
        _ trials: ResponseMatrix,
        images: [Int],
        count: Int,
        path: String
    ) throws -> ResponseMatrix {
        let trialsOfImage = Dictionary(grouping: images.indices) { images[$0] }
        let means = try (0..<count).flatMap { image in
            guard let rows = trialsOfImage[image] else {
                throw DatasetError(.inconsistent, path, "no trial shows test image \(image)")
            }
            return trials.mean(ofRows: rows)
        }
        return ResponseMatrix(rows: count, columns: trials.columns, values: means)
    }
}
