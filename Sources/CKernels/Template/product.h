// Matrix products with B in packed panels of two vectors. A stays where it is and is read through pointers to
// its rows, so a convolution needs no copy of its windows: its rows are pixels.

enum {
    // Accumulators for 12 (or 6) rows x 2 vectors fill the 32 (or 16) vector registers but a few.
    tile_rows = W == 16 ? 12 : 6,
    // Rows whose pointers are at hand at one time, over the taps of a group.
    row_block = 96,
    pointer_limit = 16 * row_block,
    // The inner dimension is summed in blocks: a block's panel stays in the first-level cache, and adding block
    // sums keeps the rounding error small.
    inner_block = 384,
    // Floats in a cache line.
    line = 16,
};

/// One cache line of `next` is fetched at each step, since prefetching hardware stops at the end of a page.
/// C (count x panel) = or += scale · Σ over taps and channels. `rows` holds `taps` runs of row pointers.
inline_always void tile_of(
    const int count, const float *const *rows, int64_t run, int64_t taps, int64_t offset, int64_t channels,
    const float *b, const float *next, float *c, int64_t c_stride, float scale, int accumulate) {
    vf sum[tile_rows][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < count; r++) {
        sum[r][0] = sum[r][1] = (vf){0};
        __builtin_prefetch(c + r * c_stride, 1);
        __builtin_prefetch(c + r * c_stride + panel - 1, 1);
    }
    for (int64_t t = 0; t < taps; t++) {
        const float *a[tile_rows];
#pragma clang loop unroll(full)
        for (int r = 0; r < count; r++) a[r] = rows[t * run + r] + offset;
        for (int64_t k = 0; k < channels; k++, b += panel, next += line) {
            __builtin_prefetch(next, 0, 2);
            vf b0 = load(b), b1 = load(b + W);
#pragma clang loop unroll(full)
            for (int r = 0; r < count; r++) {
                sum[r][0] += a[r][k] * b0;
                sum[r][1] += a[r][k] * b1;
            }
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < count; r++) {
        float *to = c + r * c_stride;
        vf v0 = sum[r][0] * scale, v1 = sum[r][1] * scale;
        if (accumulate) v0 += load(to), v1 += load(to + W);
        store(to, v0);
        store(to + W, v1);
    }
}

static void tile(
    int count, const float *const *rows, int64_t run, int64_t taps, int64_t offset, int64_t channels, const float *b,
    const float *next, float *c, int64_t c_stride, float scale, int accumulate) {
#define tile_case(n) \
    case n: tile_of(n, rows, run, taps, offset, channels, b, next, c, c_stride, scale, accumulate); break;
    switch (count) {
        tile_case(1) tile_case(2) tile_case(3) tile_case(4) tile_case(5) tile_case(6)
#if W == 16
        tile_case(7) tile_case(8) tile_case(9) tile_case(10) tile_case(11) tile_case(12)
#endif
    }
#undef tile_case
}

/// A tile at the right edge, with fewer columns than a panel.
static void edge_tile(
    int count, const float *const *rows, int64_t run, int64_t taps, int64_t offset, int64_t channels, const float *b,
    const float *next, float *c, int64_t c_stride, int64_t columns, float scale, int accumulate) {
    float whole[tile_rows * panel];
    tile(count, rows, run, taps, offset, channels, b, next, whole, panel, scale, 0);
    for (int r = 0; r < count; r++)
        for (int64_t n = 0; n < columns; n++)
            c[r * c_stride + n] = accumulate ? c[r * c_stride + n] + whole[r * panel + n] : whole[r * panel + n];
}

/// Adds the biases, activates and adds the residual on finished elements of rows row0..<row1 of one item.
inline_always void finish_rows(
    const percept_product *p, const float *item, int64_t row0, int64_t row1, int64_t n, int64_t part,
    const percept_activation activation) {
    vf bias = p->bias ? load_part(p->bias + n, part) : (vf){0};
    if (item) bias += load_part(item + n, part);
    float *c = p->c + row0 * p->c_stride + n;
    if (p->residual) {
        const float *residual = p->residual + row0 * p->residual_stride + n;
        for (int64_t row = row0; row < row1; row++, c += p->c_stride, residual += p->residual_stride)
            store_part(c, activate(load_part(c, part) + bias, activation) + load_part(residual, part), part);
    } else {
        for (int64_t row = row0; row < row1; row++, c += p->c_stride)
            store_part(c, activate(load_part(c, part) + bias, activation), part);
    }
}

static void finish(const percept_product *p, int64_t row0, int64_t row1, int64_t column0, int64_t column1) {
    const int64_t pixels = p->item_bias ? p->image->output_height * p->image->output_width : p->rows;
    while (row0 < row1) {
        const int64_t number = row0 / pixels, end = (number + 1) * pixels < row1 ? (number + 1) * pixels : row1;
        const float *item = p->item_bias ? p->item_bias + number * p->columns : 0;
        for (int64_t n = column0; n < column1; n += W) {
            const int64_t part = column1 - n < W ? column1 - n : W;
            if (p->activation == percept_silu) finish_rows(p, item, row0, end, n, part, percept_silu);
            else if (p->activation == percept_gelu) finish_rows(p, item, row0, end, n, part, percept_gelu);
            else if (part == W) finish_rows(p, item, row0, end, n, W, percept_identity);
            else finish_rows(p, item, row0, end, n, part, percept_identity);
        }
        row0 = end;
    }
}

/// Pointers to the pixels that taps tap0..<tap1 see from output pixels row0..<row1.
static void window_rows(
    const float **rows, const percept_product *p, int64_t row0, int64_t row1, int64_t tap0, int64_t tap1) {
    const percept_image *m = p->image;
    int64_t pixels = m->output_height * m->output_width;
    for (int64_t tap = tap0; tap < tap1; tap++) {
        int64_t dy = tap / m->kernel_width - m->top, dx = tap % m->kernel_width - m->left;
        for (int64_t row = row0; row < row1; row++) {
            int64_t item = row / pixels, pixel = row % pixels;
            int64_t y = pixel / m->output_width * m->stride + dy, x = pixel % m->output_width * m->stride + dx;
            int inside = y >= 0 && y < m->height && x >= 0 && x < m->width;
            *rows++ = inside ? p->a + ((item * m->height + y) * m->width + x) * m->channels : m->zeros;
        }
    }
}

static void product_block(const percept_product *p, int64_t row0, int64_t row1, int64_t panel0, int64_t panel1) {
    const float *rows[pointer_limit];
    const int64_t count = row1 - row0, tiles = (count + tile_rows - 1) / tile_rows;
    const int64_t taps = p->image ? p->image->kernel_height * p->image->kernel_width : 1, channels = p->inner / taps;
    const int64_t splits = (channels + inner_block - 1) / inner_block, length = (channels + splits - 1) / splits;
    int64_t group = splits > 1 ? 1 : inner_block / channels;
    group = group < 1 ? 1 : group > taps ? taps : group;
    if (group * count > pointer_limit) group = pointer_limit / row_block;
    const int finishes = p->bias || p->item_bias || p->residual || p->activation != percept_identity;
    for (int64_t tap = 0; tap < taps; tap += group) {
        int64_t tap_end = tap + group < taps ? tap + group : taps;
        if (p->image) window_rows(rows, p, row0, row1, tap, tap_end);
        else
            for (int64_t r = 0; r < count; r++) rows[r] = p->a + (row0 + r) * p->a_stride;
        for (int64_t k = 0; k < channels; k += length) {
            int64_t depth = channels - k < length ? channels - k : length;
            int accumulate = p->accumulate || tap > 0 || k > 0;
            int last = tap_end == taps && k + depth == channels;
            for (int64_t n = panel0; n < panel1; n++) {
                const float *b = p->b + (n * p->inner + tap * channels + k) * panel;
                // What comes next: the next panel's part, the first panel's next block, or the next product.
                const float *following = n + 1 < panel1 ? b + p->inner * panel
                                         : last         ? p->following
                                                        : b + (depth * (tap_end - tap) - (n - panel0) * p->inner) * panel;
                following = following ? following : b;
                int64_t columns = p->columns - n * panel < panel ? p->columns - n * panel : panel;
                for (int64_t i = 0; i < tiles; i++) {
                    int64_t r = i * count / tiles, end = (i + 1) * count / tiles;
                    float *c = p->c + (row0 + r) * p->c_stride + n * panel;
                    const float *ahead = following + i % 2 * depth * line;
                    if (last && p->residual)
                        for (int64_t row = row0 + r; row < row0 + end; row++) {
                            __builtin_prefetch(p->residual + row * p->residual_stride + n * panel);
                            __builtin_prefetch(p->residual + row * p->residual_stride + n * panel + panel - 1);
                        }
                    if (columns == panel)
                        tile((int)(end - r), rows + r, count, tap_end - tap, k, depth, b, ahead, c, p->c_stride, p->scale, accumulate);
                    else
                        edge_tile((int)(end - r), rows + r, count, tap_end - tap, k, depth, b, ahead, c, p->c_stride, columns, p->scale, accumulate);
                    if (last && finishes) finish(p, row0 + r, row0 + end, n * panel, n * panel + columns);
                }
            }
        }
    }
}

static void product(const percept_product *p, int64_t row0, int64_t row1, int64_t panel0, int64_t panel1) {
    for (int64_t row = row0; row < row1; row += row_block)
        product_block(p, row, row + row_block < row1 ? row + row_block : row1, panel0, panel1);
}
