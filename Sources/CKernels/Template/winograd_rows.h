// Winograd convolution F(2, 3) along the rows of an image: four planes, in each of which the three rows of the window
// are the taps of a product. Its weights grow by a third only, which suits small images with many channels.

static void winograd_rows_input(const percept_winograd *w, int64_t row0, int64_t row1) {
    for (int64_t row = row0; row < row1; row++)
        for (int64_t tile = 0; tile < w->tiles_across; tile++) {
            const float *pixels[4];
            for (int x = 0; x < 4; x++) {
                int64_t column = 2 * tile - w->left + x;
                pixels[x] = column >= 0 && column < w->width ? w->x + (row * w->width + column) * w->inputs : w->zeros;
            }
            float *v = w->v + (row * w->tiles_across + tile) * w->inputs;
            for (int64_t c = 0; c < w->inputs; c += W) {
                int64_t part = w->inputs - c < W ? w->inputs - c : W;
                vf d[4], t[4];
                for (int x = 0; x < 4; x++) d[x] = load_part(pixels[x] + c, part);
                input_axis2(t, d[0], d[1], d[2], d[3]);
                for (int x = 0; x < 4; x++) store_part(v + x * w->v_plane + c, t[x], part);
            }
        }
}

static void winograd_rows_output(const percept_winograd *w, int64_t row0, int64_t row1) {
    for (int64_t row = row0; row < row1; row++) {
        const float *item = w->item_bias ? w->item_bias + row / w->output_height * w->outputs : 0;
        for (int64_t tile = 0; tile < w->tiles_across; tile++) {
            const float *m = w->m + (row * w->tiles_across + tile) * w->outputs;
            const int64_t pixel = row * w->output_width + 2 * tile;
            for (int64_t c = 0; c < w->outputs; c += W) {
                int64_t part = w->outputs - c < W ? w->outputs - c : W;
                vf d[4], o[2], bias = w->bias ? load_part(w->bias + c, part) : (vf){0};
                if (item) bias += load_part(item + c, part);
                for (int x = 0; x < 4; x++) d[x] = load_part(m + x * w->m_plane + c, part);
                output_axis2(o, d[0], d[1], d[2], d[3]);
                for (int x = 0; x < 2 && 2 * tile + x < w->output_width; x++) {
                    int64_t to = (pixel + x) * w->outputs + c;
                    vf sum = o[x] + bias;
                    if (w->residual) sum += load_part(w->residual + to, part);
                    store_part(w->y + to, sum, part);
                }
            }
        }
    }
}

static void winograd_rows_weights(
    float *to, int64_t plane, const float *g, int64_t n_stride, int64_t c_stride, int64_t tap_stride, int64_t inputs,
    int64_t columns) {
    for (int64_t c = 0; c < inputs; c++) {
        float taps[9][panel] = {0};
        for (int64_t n = 0; n < columns; n++)
            for (int t = 0; t < 9; t++) taps[t][n] = g[n * n_stride + c * c_stride + t * tap_stride];
        for (int y = 0; y < 3; y++)
            for (int half = 0; half < panel; half += W) {
                vf u[4];
                weight_axis2(u, load(taps[3 * y] + half), load(taps[3 * y + 1] + half), load(taps[3 * y + 2] + half));
                for (int x = 0; x < 4; x++) store(to + x * plane + (y * inputs + c) * panel + half, u[x]);
            }
    }
}
