// Transposition of squares of W x W elements in registers.

#if W == 16
#define low_halves 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define high_halves 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif W == 8
#define low_halves 0, 8, 1, 9, 2, 10, 3, 11
#define high_halves 4, 12, 5, 13, 6, 14, 7, 15
#else
#define low_halves 0, 4, 1, 5
#define high_halves 2, 6, 3, 7
#endif

/// Interleaving rows i and i + W/2 rotates the bits of an element's (row, column) by one place: log2 W rounds
/// exchange row and column.
inline_always void transpose_square(vf *rows) {
#pragma clang loop unroll(full)
    for (int round = 1; round < W; round *= 2) {
        vf next[W];
#pragma clang loop unroll(full)
        for (int i = 0; i < W / 2; i++) {
            next[2 * i] = __builtin_shufflevector(rows[i], rows[i + W / 2], low_halves);
            next[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + W / 2], high_halves);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < W; i++) rows[i] = next[i];
    }
}

/// y[j·y_stride + i] = x[i·x_stride + j] for W x W elements.
inline_always void transpose_tile(float *y, int64_t y_stride, const float *x, int64_t x_stride) {
    vf rows[W];
#pragma clang loop unroll(full)
    for (int i = 0; i < W; i++) rows[i] = load(x + i * x_stride);
    transpose_square(rows);
#pragma clang loop unroll(full)
    for (int i = 0; i < W; i++) store(y + i * y_stride, rows[i]);
}

static void transpose(float *y, int64_t y_stride, const float *x, int64_t x_stride, int64_t rows, int64_t columns) {
    for (int64_t j = 0; j < columns; j += W)
        for (int64_t i = 0; i < rows; i += W) {
            if (i + W <= rows && j + W <= columns) {
                transpose_tile(y + j * y_stride + i, y_stride, x + i * x_stride + j, x_stride);
                continue;
            }
            for (int64_t jj = j; jj < columns && jj < j + W; jj++)
                for (int64_t ii = i; ii < rows && ii < i + W; ii++) y[jj * y_stride + ii] = x[ii * x_stride + jj];
        }
}
