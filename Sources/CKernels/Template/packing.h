// Right-hand sides of products, in panels of two vectors: element (k, n) of a panel is at k·panel + n.

enum { panel = 2 * W };

static void pack_panel(float *to, const float *b, int64_t k_stride, int64_t n_stride, int64_t inner, int64_t columns) {
    if (columns < panel) __builtin_memset(to, 0, sizeof(float) * panel * inner);
    if (n_stride == 1) {
        for (int64_t k = 0; k < inner; k++, to += panel, b += k_stride) {
            if (columns == panel) store(to, load(b)), store(to + W, load(b + W));
            else
                for (int64_t n = 0; n < columns; n++) to[n] = b[n];
        }
        return;
    }
    if (k_stride == 1) {
        transpose(to, panel, b, n_stride, columns, inner);
        return;
    }
    for (int64_t k = 0; k < inner; k++)
        for (int64_t n = 0; n < columns; n++) to[k * panel + n] = b[k * k_stride + n * n_stride];
}

static void pack_taps(
    float *to, const float *w, int64_t n_stride, int64_t c_stride, int64_t tap_stride, int64_t taps, int64_t inputs,
    int64_t columns) {
    // A block's elements stay in the first-level cache while its taps are taken apart.
    enum { block = 16 };
    for (int64_t c0 = 0; c0 < inputs; c0 += block) {
        int64_t c1 = c0 + block < inputs ? c0 + block : inputs;
        for (int64_t t = 0; t < taps; t++)
            for (int64_t c = c0; c < c1; c++) {
                const float *from = w + c * c_stride + t * tap_stride;
                float *row = to + (t * inputs + c) * panel;
                for (int64_t n = 0; n < columns; n++) row[n] = from[n * n_stride];
                for (int64_t n = columns; n < panel; n++) row[n] = 0;
            }
    }
}

static void pack_windows(
    float *to, const float *planes, int64_t channel_stride, int64_t plane, int64_t width, int64_t kernel,
    int64_t items, int64_t output_height, int64_t output_width, int64_t column0, int64_t columns) {
    const float *from[panel];
    for (int64_t n = 0; n < columns; n++) {
        int64_t c = (column0 + n) / (kernel * kernel), tap = (column0 + n) % (kernel * kernel);
        from[n] = planes + c * channel_stride + tap / kernel * width + tap % kernel;
    }
    for (int64_t row = 0; row < items * output_height; row++, to += output_width * panel) {
        int64_t start = row / output_height * plane + row % output_height * width;
        for (int64_t x = 0; x < output_width; x += W) {
            int64_t part = output_width - x < W ? output_width - x : W;
            for (int64_t n = 0; n < panel; n += W) {
                vf square[W];
                for (int i = 0; i < W; i++)
                    square[i] = n + i < columns ? load_part(from[n + i] + start + x, part) : (vf){0};
                transpose_square(square);
                for (int i = 0; i < part; i++) store(to + (x + i) * panel + n, square[i]);
            }
        }
    }
}
