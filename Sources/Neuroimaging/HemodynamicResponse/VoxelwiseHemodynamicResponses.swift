/// A response for every voxel, chosen from a library.
///
/// Voxels answer differently fast; GLMsingle, doi:10.7554/eLife.77599, chooses among 20 measured responses.
public struct VoxelwiseHemodynamicResponses: Sendable, Equatable {
    /// The responses to choose from.
    public let library: [HemodynamicResponse]
    /// The place in the library of the response of each voxel.
    public let indices: [Int]

    /// Chooses a response for every voxel.
    ///
    /// - Parameters:
    ///   - library: one or more responses.
    ///   - indices: for every voxel a place in the library, from 0.
    /// - Throws: `NeuroimagingError` where there is no such place.
    public init(library: [HemodynamicResponse], indices: [Int]) throws(NeuroimagingError) {
        if let voxel = indices.firstIndex(where: { $0 < 0 || $0 >= library.count }) {
            throw NeuroimagingError(
                .inconsistent,
                "voxel \(voxel)",
                "there is no response \(indices[voxel]) in a library of \(library.count); count responses from 0"
            )
        }
        self.library = library
        self.indices = indices
    }

    /// The same response for all voxels.
    public init(_ response: HemodynamicResponse, voxels: Int) {
        library = [response]
        indices = [Int](repeating: 0, count: voxels)
    }

    /// The response of a voxel.
    public subscript(voxel: Int) -> HemodynamicResponse { library[indices[voxel]] }

    /// The responses that at least one voxel has, as places in the library.
    public var used: [Int] { Set(indices).sorted() }

    /// The responses to events at the times of volumes.
    ///
    /// - Returns: for each response of the library one value per volume, nothing for responses that no voxel has.
    /// - Throws: `NeuroimagingError` for times that do not rise.
    public func regressors(
        _ events: [StimulusEvent],
        frameTimes: [Double],
        oversampling: Int = 50
    ) throws(NeuroimagingError) -> [[Double]] {
        var result = [[Double]](repeating: [], count: library.count)
        for index in used {
            result[index] = try library[index].regressor(events, frameTimes: frameTimes, oversampling: oversampling)
        }
        return result
    }
}
