import Foundation
import Weights

/// The responses of one subject of Generic Object Decoding as a file holds them, restricted to a region.
struct GODArrays {
    /// The file, for errors.
    let path: String
    /// The training trials.
    let training: ResponseMatrix
    /// Their images.
    let trainingImages: [Int]
    /// The mean responses to the first test images, in their order.
    let averaged: ResponseMatrix
    /// The single test trials; none where they are not asked for.
    let trials: ResponseMatrix
    /// Their images.
    let trialImages: [Int]

    /// Checks that what belongs together fits.
    init(
        path: String,
        training: (responses: ResponseMatrix, images: [Int]),
        averaged: ResponseMatrix,
        trials: (responses: ResponseMatrix, images: [Int]),
        counts: (training: Int, test: Int)
    ) throws {
        for (name, part, limit) in [("training", training, counts.training), ("test", trials, counts.test)] {
            guard part.images.count == part.responses.rows, part.images.allSatisfy((0..<limit).contains) else {
                throw DatasetError(
                    .inconsistent,
                    path,
                    "\(part.images.count) numbers of images for \(part.responses.rows) \(name) responses and \(limit) images"
                )
            }
        }
        guard averaged.rows <= counts.test else {
            throw DatasetError(
                .inconsistent,
                path,
                "\(averaged.rows) averaged test responses to \(counts.test) images"
            )
        }
        self.path = path
        (self.training, trainingImages) = training
        self.averaged = averaged
        (self.trials, trialImages) = trials
    }
}

extension GODArrays {
    /// Reads `sbj_N.npz`.
    ///
    /// `arr_0` holds the training responses and `arr_3` their images, `arr_2` the averaged test responses in the order of
    /// the images, `arr_1` the single test trials and `arr_4` their images.
    init(npz url: URL, region: String, withTrials: Bool, counts: (training: Int, test: Int)) throws {
        let archive = try NPZ(path: url.path)
        guard archive.names.contains(region) else {
            throw DatasetError(.unknownName, url.path, "there is no region \(region)")
        }
        let mask = try archive.array(region).integers()
        let columns = mask.enumerated().filter { $0.element != 0 }.map(\.offset)
        guard let last = columns.last else {
            throw DatasetError(.malformed, url.path, "region \(region) has no voxels")
        }
        let responses = { (name: String) in
            let all = try ResponseMatrix(archive.array(name), name: "\(url.path): \(name)")
            guard last < all.columns else {
                let detail = "the region exceeds its \(all.columns) voxels"
                throw DatasetError(.inconsistent, "\(url.path): \(name)", detail)
            }
            return all.selecting(columns: columns)
        }
        try self.init(
            path: url.path,
            training: (responses("arr_0"), archive.array("arr_3").integers()),
            averaged: responses("arr_2"),
            trials: withTrials
                ? (responses("arr_1"), archive.array("arr_4").integers())
                : (ResponseMatrix(rows: 0, columns: columns.count, values: []), []),
            counts: counts
        )
    }
}
