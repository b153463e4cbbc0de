/// The responses of one subject of Generic Object Decoding, scaled and padded.
struct GODSubject {
    let training: ResponseMatrix
    let trainingImages: [Int]
    let test: ResponseMatrix
    let testImages: [Int]
    let isSingleTrial: [Bool]

    init(_ arrays: GODArrays, options: GODDataset.Options) throws {
        let raw = arrays.training.wrapPadded(patchSize: options.patchSize)
        let moments = try raw.usableMoments(of: arrays.path)
        training = raw.normalized(by: moments)
        trainingImages = arrays.trainingImages
        var rows = arrays.averaged
        var images = Array(0..<rows.rows)
        if options.includesSingleTrials {
            images += arrays.trialImages
            rows = .stacked([rows, arrays.trials])
        }
        let scale = options.testNormalization == .asReleased ? training.moments : moments
        test = rows.wrapPadded(patchSize: options.patchSize).normalized(by: scale)
        testImages = images
        isSingleTrial = images.indices.map { $0 >= arrays.averaged.rows }
    }
}
