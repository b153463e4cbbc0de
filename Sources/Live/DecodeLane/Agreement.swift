import Images

/// How much images of one pattern agree: the mean correlation of their pixels over all pairs, from −1 to 1.
///
/// Samples of a posterior that knows what was seen look alike; where they differ, the picture is a guess.
func agreement(_ images: [Image8]) -> Double? {
    guard images.count > 1 else { return nil }
    let centred = images.map { image -> [Double] in
        let mean = image.bytes.reduce(0.0) { $0 + Double($1) } / Double(max(1, image.bytes.count))
        return image.bytes.map { Double($0) - mean }
    }
    let norms = centred.map { values in values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    var (sum, pairs) = (0.0, 0)
    for left in images.indices {
        for right in images.indices where right > left {
            let product = zip(centred[left], centred[right]).reduce(0) { $0 + $1.0 * $1.1 }
            let scale = norms[left] * norms[right]
            // Two images without any structure agree if they are the same.
            sum += scale > 0 ? product / scale : images[left] == images[right] ? 1 : 0
            pairs += 1
        }
    }
    return sum / Double(pairs)
}
