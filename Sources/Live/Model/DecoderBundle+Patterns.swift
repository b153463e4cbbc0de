import Decoder

extension DecoderBundle {
    /// Why patterns of so many voxels cannot be decoded; nil if they can.
    ///
    /// A bundle that was trained here knows the voxels that it was trained with; others take up to as many as they have.
    public func mismatch(voxels: Int) throws -> String? { mismatch(voxels: voxels, try standardization()) }

    /// The same, of what the bundle says of its patterns.
    func mismatch(voxels: Int, _ standardization: PatternStandardization?) -> String? {
        let expected = standardization?.rawVoxels
        guard expected == nil ? voxels > manifest.voxels : voxels != expected else { return nil }
        return "decodes patterns of \(expected ?? manifest.voxels) voxels, but the mask has \(voxels)"
    }
}
