// Winograd convolution F(m×m, 3×3) for m = 4 and 2 (Lavin and Gray, "Fast algorithms for convolutional neural
// networks", CVPR 2016): input tiles of m + 2 pixels become (m + 2)² planes of tiles x channels, each plane is
// multiplied by its own matrix, and the products become tiles of m x m output pixels.

/// Bᵀ along one axis of a tile, for m = 4: t = Bᵀ·d.
inline_always void input_axis4(vf *t, vf d0, vf d1, vf d2, vf d3, vf d4, vf d5) {
    vf a = d4 - 4.0f * d2, b = d3 - 4.0f * d1, c = d4 - d2, e = 2.0f * (d3 - d1);
    t[0] = 4.0f * d0 - 5.0f * d2 + d4;
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + e;
    t[4] = c - e;
    t[5] = 4.0f * d1 - 5.0f * d3 + d5;
}

inline_always void input_axis2(vf *t, vf d0, vf d1, vf d2, vf d3) {
    t[0] = d0 - d2;
    t[1] = d1 + d2;
    t[2] = d2 - d1;
    t[3] = d1 - d3;
}

/// Aᵀ along one axis: o = Aᵀ·m.
inline_always void output_axis4(vf *o, vf m0, vf m1, vf m2, vf m3, vf m4, vf m5) {
    vf a = m1 + m2, b = m1 - m2, c = m3 + m4, d = m3 - m4;
    o[0] = m0 + a + c;
    o[1] = b + 2.0f * d;
    o[2] = a + 4.0f * c;
    o[3] = b + 8.0f * d + m5;
}

inline_always void output_axis2(vf *o, vf m0, vf m1, vf m2, vf m3) {
    o[0] = m0 + m1 + m2;
    o[1] = m1 - m2 - m3;
}

/// G along one axis: u = G·g.
inline_always void weight_axis4(vf *u, vf g0, vf g1, vf g2) {
    vf a = (g0 + g2) * (-1.0f / 6), b = g1 * (1.0f / 6), c = g0 * (1.0f / 24) + g2 * (1.0f / 6), d = g1 * (1.0f / 12);
    u[0] = g0 * 0.25f;
    u[1] = a - b;
    u[2] = a + b;
    u[3] = c + d;
    u[4] = c - d;
    u[5] = g2;
}

inline_always void weight_axis2(vf *u, vf g0, vf g1, vf g2) {
    vf a = (g0 + g2) * 0.5f, b = g1 * 0.5f;
    u[0] = g0;
    u[1] = a + b;
    u[2] = a - b;
    u[3] = g2;
}

#define size_of(m) ((m) + 2)
#define input_axis(m, t, d, s)                                                            \
    ((m) == 4 ? input_axis4(t, (d)[0], (d)[s], (d)[2 * (s)], (d)[3 * (s)], (d)[4 * (s)], (d)[5 * (s)]) \
              : input_axis2(t, (d)[0], (d)[s], (d)[2 * (s)], (d)[3 * (s)]))
#define output_axis(m, o, d, s)                                                           \
    ((m) == 4 ? output_axis4(o, (d)[0], (d)[s], (d)[2 * (s)], (d)[3 * (s)], (d)[4 * (s)], (d)[5 * (s)]) \
              : output_axis2(o, (d)[0], (d)[s], (d)[2 * (s)], (d)[3 * (s)]))

inline_always void input_tile(const int m, float *v, int64_t plane, const float *const *pixels, int64_t c, int64_t part) {
    enum { largest = 6 };
    const int size = size_of(m);
    vf columns[largest * largest], d[largest], t[largest];
#pragma clang loop unroll(full)
    for (int x = 0; x < size; x++) {
#pragma clang loop unroll(full)
        for (int y = 0; y < size; y++) d[y] = load_part(pixels[y * size + x] + c, part);
        input_axis(m, t, d, 1);
#pragma clang loop unroll(full)
        for (int y = 0; y < size; y++) columns[y * size + x] = t[y];
    }
#pragma clang loop unroll(full)
    for (int y = 0; y < size; y++) {
        input_axis(m, t, columns + y * size, 1);
#pragma clang loop unroll(full)
        for (int x = 0; x < size; x++) store_part(v + (y * size + x) * plane + c, t[x], part);
    }
}

inline_always void input_tiles(const int m, const percept_winograd *w, int64_t tile0, int64_t tile1) {
    const int size = size_of(m);
    const int64_t per_item = w->tiles_down * w->tiles_across;
    for (int64_t tile = tile0; tile < tile1; tile++) {
        int64_t global = w->first_tile + tile, item = global / per_item, rest = global % per_item;
        int64_t top = rest / w->tiles_across * m - w->top, left = rest % w->tiles_across * m - w->left;
        const float *image = w->x + item * w->height * w->width * w->inputs;
        const float *pixels[36];
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++) {
                int64_t row = top + y, column = left + x;
                int inside = row >= 0 && row < w->height && column >= 0 && column < w->width;
                pixels[y * size + x] = inside ? image + (row * w->width + column) * w->inputs : w->zeros;
            }
        float *v = w->v + tile * w->v_stride;
        int64_t c = 0;
        for (; c + W <= w->inputs; c += W) input_tile(m, v, w->v_plane, pixels, c, W);
        if (c < w->inputs) input_tile(m, v, w->v_plane, pixels, c, w->inputs - c);
    }
}

static void winograd_input(const percept_winograd *w, int64_t tile0, int64_t tile1) {
    if (w->tile == 4) input_tiles(4, w, tile0, tile1);
    else input_tiles(2, w, tile0, tile1);
}

static void winograd_products(
    const percept_winograd *w, int64_t tiles, int64_t plane0, int64_t plane1, int64_t panel0, int64_t panel1) {
    for (int64_t plane = plane0; plane < plane1; plane++) {
        const float *u = w->u + plane * w->u_plane;
        percept_product p = {
            .a = w->v + plane * w->v_plane, .a_stride = w->v_stride, .b = u, .c = w->m + plane * w->m_plane,
            .c_stride = w->m_stride, .rows = tiles, .columns = w->outputs, .inner = w->inputs, .scale = 1,
            .following = plane + 1 < plane1 ? u + w->u_plane + panel0 * panel * w->inputs : 0,
        };
        product(&p, 0, tiles, panel0, panel1);
    }
}

inline_always void output_tile(
    const int m, const percept_winograd *w, const float *planes, int64_t item, int64_t top, int64_t left, int64_t c,
    int64_t part) {
    enum { largest = 6 };
    const int size = size_of(m);
    vf rows[4 * largest], d[largest], o[4];
#pragma clang loop unroll(full)
    for (int x = 0; x < size; x++) {
#pragma clang loop unroll(full)
        for (int y = 0; y < size; y++) d[y] = load_part(planes + (y * size + x) * w->m_plane + c, part);
        output_axis(m, o, d, 1);
#pragma clang loop unroll(full)
        for (int y = 0; y < m; y++) rows[y * size + x] = o[y];
    }
    vf bias = w->bias ? load_part(w->bias + c, part) : (vf){0};
    if (w->item_bias) bias += load_part(w->item_bias + item * w->outputs + c, part);
#pragma clang loop unroll(full)
    for (int y = 0; y < m; y++) {
        if (top + y >= w->output_height) break;
        output_axis(m, o, rows + y * size, 1);
        int64_t pixel = (item * w->output_height + top + y) * w->output_width + left;
#pragma clang loop unroll(full)
        for (int x = 0; x < m; x++) {
            if (left + x >= w->output_width) break;
            int64_t to = (pixel + x) * w->outputs + c;
            vf sum = o[x] + bias;
            if (w->residual) sum += load_part(w->residual + to, part);
            store_part(w->y + to, sum, part);
        }
    }
}

inline_always void output_tiles(const int m, const percept_winograd *w, int64_t tile0, int64_t tile1) {
    const int64_t per_item = w->tiles_down * w->tiles_across;
    for (int64_t tile = tile0; tile < tile1; tile++) {
        int64_t global = w->first_tile + tile, item = global / per_item, rest = global % per_item;
        int64_t top = rest / w->tiles_across * m, left = rest % w->tiles_across * m;
        const float *planes = w->m + tile * w->m_stride;
        int64_t c = 0;
        for (; c + W <= w->outputs; c += W) output_tile(m, w, planes, item, top, left, c, W);
        if (c < w->outputs) output_tile(m, w, planes, item, top, left, c, w->outputs - c);
    }
}

static void winograd_output(const percept_winograd *w, int64_t tile0, int64_t tile1) {
    if (w->tile == 4) output_tiles(4, w, tile0, tile1);
    else output_tiles(2, w, tile0, tile1);
}

inline_always void weight_panel(
    const int m, float *to, int64_t plane, const float *g, int64_t n_stride, int64_t c_stride, int64_t tap_stride,
    int64_t inputs, int64_t columns) {
    enum { largest = 6 };
    const int size = size_of(m);
    for (int64_t c = 0; c < inputs; c++) {
        float taps[9][panel] = {0};
        for (int64_t n = 0; n < columns; n++)
            for (int t = 0; t < 9; t++) taps[t][n] = g[n * n_stride + c * c_stride + t * tap_stride];
        for (int half = 0; half < panel; half += W) {
            vf rows[3 * largest], u[largest];
#pragma clang loop unroll(full)
            for (int x = 0; x < 3; x++) {
                vf g0 = load(taps[x] + half), g1 = load(taps[3 + x] + half), g2 = load(taps[6 + x] + half);
                if (m == 4) weight_axis4(u, g0, g1, g2);
                else weight_axis2(u, g0, g1, g2);
#pragma clang loop unroll(full)
                for (int y = 0; y < size; y++) rows[y * 3 + x] = u[y];
            }
#pragma clang loop unroll(full)
            for (int y = 0; y < size; y++) {
                if (m == 4) weight_axis4(u, rows[y * 3], rows[y * 3 + 1], rows[y * 3 + 2]);
                else weight_axis2(u, rows[y * 3], rows[y * 3 + 1], rows[y * 3 + 2]);
#pragma clang loop unroll(full)
                for (int x = 0; x < size; x++) store(to + (y * size + x) * plane + c * panel + half, u[x]);
            }
        }
    }
}

static void winograd_weights(
    int64_t m, float *to, int64_t plane, const float *g, int64_t n_stride, int64_t c_stride, int64_t tap_stride,
    int64_t inputs, int64_t columns) {
    if (m == 4) weight_panel(4, to, plane, g, n_stride, c_stride, tap_stride, inputs, columns);
    else weight_panel(2, to, plane, g, n_stride, c_stride, tap_stride, inputs, columns);
}
