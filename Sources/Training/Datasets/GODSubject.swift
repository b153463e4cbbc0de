import Foundation
import Weights

/// The responses of one subject of Generic Object Decoding.
struct GODSubject {
    let training: ResponseMatrix
    let trainingImages: [Int]
    let test: ResponseMatrix
    let testImages: [Int]
    let isSingleTrial: [Bool]

    /// Reads a file.
    ///
    /// `arr_0` holds the training responses and `arr_3` their images, `arr_2` the averaged test responses in the order of
    /// the images, `arr_1` the single test trials and `arr_4` their images.
    init(contentsOf url: URL, trainingImages: Int, testImages: Int, options: GODDataset.Options) throws {
        let file = try GODFile(url, region: options.region)
        let raw = try file.responses("arr_0").wrapPadded(patchSize: options.patchSize)
        let moments = try raw.usableMoments(of: url.path)
        training = raw.normalized(by: moments)
        self.trainingImages = try file.images("arr_3", count: training.rows, below: trainingImages)

        let averaged = try file.responses("arr_2")
        guard averaged.rows <= testImages else {
            throw DatasetError(
                .inconsistent,
                url.path,
                "\(averaged.rows) averaged test responses to \(testImages) images"
            )
        }
        var rows = averaged
        var images = Array(0..<averaged.rows)
        if options.includesSingleTrials {
            let trials = try file.responses("arr_1")
            images += try file.images("arr_4", count: trials.rows, below: testImages)
            rows = .stacked([averaged, trials])
        }
        let scale = options.testNormalization == .asReleased ? training.moments : moments
        test = rows.wrapPadded(patchSize: options.patchSize).normalized(by: scale)
        self.testImages = images
        isSingleTrial = images.indices.map { $0 >= averaged.rows }
    }
}

/// The arrays of `sbj_N.npz`, restricted to a region.
private struct GODFile {
    let url: URL
    let archive: NPZ
    let columns: [Int]

    init(_ url: URL, region: String) throws {
        self.url = url
        archive = try NPZ(path: url.path)
        guard archive.names.contains(region) else {
            throw DatasetError(.unknownName, url.path, "there is no region \(region)")
        }
        columns = try archive.array(region).integers().enumerated().filter { $0.element != 0 }.map(\.offset)
        guard !columns.isEmpty else { throw DatasetError(.malformed, url.path, "region \(region) has no voxels") }
    }

    func responses(_ name: String) throws -> ResponseMatrix {
        let all = try ResponseMatrix(archive.array(name), name: "\(url.path): \(name)")
        guard let last = columns.last, last < all.columns else {
            throw DatasetError(.inconsistent, "\(url.path): \(name)", "the region exceeds its \(all.columns) voxels")
        }
        return all.selecting(columns: columns)
    }

    func images(_ name: String, count: Int, below limit: Int) throws -> [Int] {
        let indices = try archive.array(name).integers()
        guard indices.count == count, indices.allSatisfy({ (0..<limit).contains($0) }) else {
            throw DatasetError(
                .inconsistent,
                "\(url.path): \(name)",
                "\(indices.count) numbers of images for \(count) responses and \(limit) images"
            )
        }
        return indices
    }
}
