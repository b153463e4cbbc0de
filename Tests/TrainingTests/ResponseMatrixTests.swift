import Testing
import Training

@Suite("Response matrices")
struct ResponseMatrixTests {
    private let matrix = ResponseMatrix(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])

    @Test("Padding continues a row from its beginning, by a whole patch if it fits already")
    func padding() {
        #expect(ResponseMatrix.paddedWidth(voxels: 4183, patchSize: 16) == 4192)
        #expect(ResponseMatrix.paddedWidth(voxels: 3104, patchSize: 16) == 3120)
        #expect(matrix.wrapPadded(patchSize: 4).values == [1, 2, 3, 1, 4, 5, 6, 4])
        #expect(matrix.wrapPadded(patchSize: 3).values == [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
        #expect(matrix.wrapPadded(patchSize: 8)[1].elementsEqual([4, 5, 6, 4, 5, 6, 4, 5]))
    }

    @Test("Fitting cuts off what is too long")
    func fitting() {
        #expect(matrix.fitted(toWidth: 2).values == [1, 2, 4, 5])
        #expect(matrix.fitted(toWidth: 3) == matrix)
    }

    @Test("Normalised by its own moments, a matrix has mean 0 and deviation 1")
    func normalization() {
        #expect(matrix.moments == .init(mean: 3.5, deviation: (17.5 / 6).squareRoot()))
        let moments = matrix.normalized(by: matrix.moments).moments
        #expect(abs(moments.mean) < 1e-6 && abs(moments.deviation - 1) < 1e-6)
    }

    @Test("Rows and columns are selected, stacked and joined in the given order")
    func rearranging() {
        #expect(matrix.selecting(rows: [1, 0, 1]).values == [4, 5, 6, 1, 2, 3, 4, 5, 6])
        #expect(matrix.selecting(columns: [2, 0]).values == [3, 1, 6, 4])
        #expect(ResponseMatrix.stacked([matrix, matrix]).selecting(rows: [2]).values == [1, 2, 3])
        #expect(ResponseMatrix.joined([matrix, matrix]).values == [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
        #expect(matrix.mean(ofRows: [0, 1]) == [2.5, 3.5, 4.5])
    }
}
