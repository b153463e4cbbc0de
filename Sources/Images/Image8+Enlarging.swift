extension Image8 {
    /// The image with every pixel repeated, `factor` times in each direction: larger, and no smoother than it was.
    public func enlarged(_ factor: Int) -> Image8 {
        precondition(factor >= 1, "An image cannot be enlarged by \(factor).")
        guard factor > 1 else { return self }
        var result = Image8(height: height * factor, width: width * factor)
        for y in 0..<result.height {
            for x in 0..<result.width {
                for channel in 0..<3 { result[y, x, channel] = self[y / factor, x / factor, channel] }
            }
        }
        return result
    }
}
