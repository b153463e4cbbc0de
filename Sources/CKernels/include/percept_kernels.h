#pragma once
#include <stdint.h>

// The kernels. Each works on the range that it is given, on the calling thread; the caller splits work into
// ranges that do not depend on the number of threads. "rows x columns" arrays are row-major.

/// What follows a matrix product: 0 nothing, 1 x·sigmoid(x), 2 x·Φ(x).
typedef enum percept_activation { percept_identity = 0, percept_silu = 1, percept_gelu = 2 } percept_activation;

/// A product C = A·B with B packed in panels of `panel_width` columns, and what is done to C.
///
/// Row r of A is `columns` floats at a + r·a_stride. When `image` is set the rows are the pixels of a
/// convolution's output instead and the inner dimension runs over taps, then channels.
typedef struct percept_product {
    const float *a;
    int64_t a_stride;
    const float *b;
    float *c;
    int64_t c_stride;
    int64_t rows, columns, inner;
    float scale;
    int accumulate;
    percept_activation activation;
    const float *bias;
    const float *residual;
    int64_t residual_stride;
    const struct percept_image *image;
    // Bias of an image's channels: row `item` is added to the pixels of that item.
    const float *item_bias;
    // The panel that will be wanted after this product's, if known.
    const float *following;
} percept_product;

/// The input of a convolution, channel-last, read through windows.
typedef struct percept_image {
    int64_t height, width, channels;
    int64_t output_height, output_width;
    int64_t kernel_height, kernel_width, stride, top, left;
    /// A row of `channels` zeros.
    const float *zeros;
} percept_image;

/// One block of tiles of a Winograd convolution F(tile x tile, 3x3).
typedef struct percept_winograd {
    int64_t tile;
    const float *x;
    float *y;
    int64_t height, width, inputs, outputs;
    int64_t top, left, output_height, output_width;
    /// Tiles of an item, and the number of the block's first tile among all items'.
    int64_t tiles_down, tiles_across, first_tile;
    /// Transformed input and products: (tile + 2)² planes of tiles x channels.
    float *v, *m;
    int64_t v_stride, v_plane, m_stride, m_plane;
    const float *bias, *item_bias, *residual;
    /// A row of `inputs` zeros.
    const float *zeros;
    /// The transformed weights: planes of packed panels.
    const float *u;
    int64_t u_plane;
} percept_winograd;

typedef struct percept_kernels {
    /// Floats in a vector, columns in a panel of packed B.
    int64_t vector_width, panel_width;

    void (*silu)(float *y, const float *x, int64_t n);
    void (*silu_gradient)(float *dx, const float *dy, const float *x, int64_t n);
    void (*gelu)(float *y, const float *x, int64_t n);
    void (*gelu_gradient)(float *dx, const float *dy, const float *x, int64_t n);
    /// y[r, j] = x[r, j] · gelu(x[r, n + j]).
    void (*geglu)(float *y, const float *x, int64_t rows, int64_t n);
    void (*geglu_gradient)(float *dx, const float *dy, const float *x, int64_t rows, int64_t n);
    void (*exponential)(float *y, const float *x, int64_t n);
    void (*error_function)(float *y, const float *x, int64_t n);

    void (*add)(float *c, const float *a, const float *b, int64_t n);
    void (*subtract)(float *c, const float *a, const float *b, int64_t n);
    void (*multiply)(float *c, const float *a, const float *b, int64_t n);
    void (*scale)(float *c, const float *a, float factor, int64_t n);
    /// y += factor · x.
    void (*axpy)(float *y, const float *x, float factor, int64_t n);
    double (*sum)(const float *x, int64_t n);
    double (*sum_of_squares)(const float *x, int64_t n);
    /// sums[j] = Σ_r x[r, j].
    void (*column_sums)(float *sums, const float *x, int64_t rows, int64_t columns);

    /// y = softmax(scale · x) by rows; `log_sums`, where given, receives log Σ exp(scale · x).
    void (*softmax)(float *y, const float *x, int64_t rows, int64_t columns, float scale, float *log_sums);
    /// dx = scale · y (dy − Σ dy·y) by rows.
    void (*softmax_gradient)(float *dx, const float *dy, const float *y, int64_t rows, int64_t columns, float scale);
    /// s[r, j] becomes exp(scale·s[r, j] − log_sums[r]).
    void (*softmax_again)(float *s, int64_t rows, int64_t columns, float scale, const float *log_sums);

    /// Sums over rows of (x − shift) and its square by column.
    void (*shifted_moments)(float *sums, float *squares, const float *x, const float *shift, int64_t rows, int64_t columns);
    /// y = activation(x · factor + offset), factor and offset by column.
    void (*affine)(
        float *y, const float *x, const float *factor, const float *offset, int64_t rows, int64_t columns,
        percept_activation activation);
    /// With x̂ = x·factor + offset and z = x̂·weight + bias: sums over rows of dz and of dz·x̂ by column.
    void (*norm_gradient_sums)(
        float *sums, float *products, const float *dy, const float *x, const float *factor, const float *offset,
        const float *weight, const float *bias, int64_t rows, int64_t columns, percept_activation activation);
    /// dx = dz·p − q − x̂·r, all by column.
    void (*norm_gradient)(
        float *dx, const float *dy, const float *x, const float *factor, const float *offset, const float *weight,
        const float *bias, const float *p, const float *q, const float *r, int64_t rows, int64_t columns,
        percept_activation activation);
    void (*layer_norm)(
        float *y, float *mean, float *inverse, const float *x, const float *weight, const float *bias, int64_t rows,
        int64_t columns, float epsilon);
    /// dx by rows; `weight_sums` and `bias_sums` receive the sums over these rows.
    void (*layer_norm_gradient)(
        float *dx, float *weight_sums, float *bias_sums, const float *dy, const float *x, const float *weight,
        const float *mean, const float *inverse, int64_t rows, int64_t columns);

    void (*adamw)(
        float *parameter, float *first, float *second, const float *gradient, int64_t n, const float *constants);
    /// y[j, i] = x[i, j].
    void (*transpose)(float *y, int64_t y_stride, const float *x, int64_t x_stride, int64_t rows, int64_t columns);

    /// Packs `columns` columns (at most a panel) of B, whose element (k, n) is b[k·k_stride + n·n_stride].
    void (*pack_panel)(
        float *panel, const float *b, int64_t k_stride, int64_t n_stride, int64_t inner, int64_t columns);
    /// Packs convolution weights whose element (n, c, tap) is w[n·n_stride + c·c_stride + tap·tap_stride]; the inner
    /// dimension runs over taps, then inputs.
    void (*pack_taps)(
        float *to, const float *w, int64_t n_stride, int64_t c_stride, int64_t tap_stride, int64_t taps,
        int64_t inputs, int64_t columns);
    /// Packs the windows of a padded image as columns: column (c, tap) holds the pixels of channel c that the tap
    /// sees. `planes` is channels x (items of `plane` pixels in rows of `width`).
    void (*pack_windows)(
        float *to, const float *planes, int64_t channel_stride, int64_t plane, int64_t width, int64_t kernel,
        int64_t items, int64_t output_height, int64_t output_width, int64_t column0, int64_t columns);
    /// Rows row0..<row1 of the panels panel0..<panel1 of C.
    void (*product)(const percept_product *product, int64_t row0, int64_t row1, int64_t panel0, int64_t panel1);

    /// Tiles tile0..<tile1 of the block to planes; the products of planes with their panels of weights; products to
    /// output pixels with bias and residual.
    void (*winograd_input)(const percept_winograd *block, int64_t tile0, int64_t tile1);
    void (*winograd_products)(
        const percept_winograd *block, int64_t tiles, int64_t plane0, int64_t plane1, int64_t panel0, int64_t panel1);
    void (*winograd_output)(const percept_winograd *block, int64_t tile0, int64_t tile1);
    /// The same along rows only, F(2, 3): rows row0..<row1 of all items' images. A plane holds one vector of `inputs`
    /// or `outputs` channels for each tile of each row.
    void (*winograd_rows_input)(const percept_winograd *block, int64_t row0, int64_t row1);
    void (*winograd_rows_output)(const percept_winograd *block, int64_t row0, int64_t row1);
    /// One panel in each of 4 planes, its inner dimension over the rows of the window, then inputs.
    void (*winograd_rows_weights)(
        float *to, int64_t plane, const float *g, int64_t n_stride, int64_t c_stride, int64_t tap_stride,
        int64_t inputs, int64_t columns);
    /// A packed panel in every plane from weights whose element (n, c, tap) is
    /// g[n·n_stride + c·c_stride + tap·tap_stride].
    void (*winograd_weights)(
        int64_t tile, float *to, int64_t plane, const float *g, int64_t n_stride, int64_t c_stride,
        int64_t tap_stride, int64_t inputs, int64_t columns);
} percept_kernels;

/// The kernels of an instruction set (see `percept_instruction_set_available`), or the portable ones.
const percept_kernels *percept_kernels_for(int instruction_set);
