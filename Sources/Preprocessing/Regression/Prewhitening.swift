/// A filter that turns noise of correlation ρ between neighbouring volumes into white noise.
///
/// A row becomes xₙ − ρ·xₙ₋₁, and so do the responses; the first is scaled by √(1 − ρ²), which gives its noise the
/// variance of the others (Prais & Winsten, 1954).
struct Prewhitening: Sendable {
    private let coefficient: Double
    private var previousRow: [Double]
    private var previousResponses: [Float]
    private var hasPrevious = false
    /// The latest row, whitened.
    private(set) var row: [Double]

    init(coefficient: Double, columns: Int, voxels: Int) {
        self.coefficient = coefficient
        row = [Double](repeating: 0, count: columns)
        previousRow = row
        previousResponses = [Float](repeating: 0, count: coefficient == 0 ? 0 : voxels)
    }

    /// The factor of the present and of the previous volume.
    var factors: (present: Double, previous: Double) {
        if coefficient == 0 { return (1, 0) }
        return hasPrevious ? (1, -coefficient) : ((1 - coefficient * coefficient).squareRoot(), 0)
    }

    /// Whitens a row.
    mutating func load(_ newRow: [Double]) {
        let (present, previous) = factors
        for column in row.indices { row[column] = present * newRow[column] + previous * previousRow[column] }
    }

    /// Whitens responses.
    func load(_ responses: UnsafeBufferPointer<Float>, into result: inout [Double]) {
        let (present, previous) = factors
        if previous == 0 {
            for voxel in result.indices { result[voxel] = present * Double(responses[voxel]) }
        } else {
            for voxel in result.indices {
                result[voxel] = present * Double(responses[voxel]) + previous * Double(previousResponses[voxel])
            }
        }
    }

    /// Keeps a volume for the next one.
    mutating func remember(_ newRow: [Double], _ responses: UnsafeBufferPointer<Float>) {
        guard coefficient != 0 else { return }
        for column in row.indices { previousRow[column] = newRow[column] }
        for voxel in previousResponses.indices { previousResponses[voxel] = responses[voxel] }
        hasPrevious = true
    }

    /// Adds a column that was zero so far.
    mutating func addColumn() {
        row.append(0)
        previousRow.append(0)
    }

    /// Makes room, so that adding columns needs no memory.
    mutating func reserve(columns: Int) {
        row.reserveCapacity(columns)
        previousRow.reserveCapacity(columns)
    }

    /// Forgets the previous volume, so that the next one counts as a first one.
    mutating func breakSequence() { hasPrevious = false }

    func save(to state: inout StateWriter) {
        state.write(previousRow)
        state.write(previousResponses)
        state.write(hasPrevious)
    }

    mutating func restore(from state: inout StateReader) throws(PreprocessingError) {
        let previousRow = try state.doubles(row.count)
        let previousResponses = try state.floats(previousResponses.count)
        hasPrevious = try state.bool()
        (self.previousRow, self.previousResponses) = (previousRow, previousResponses)
    }
}
