// Sums and softmax.

#define reduce(name, term)                                               \
    static double name(const float *xs, int64_t n) {                     \
        double total = 0;                                                \
        /* Short float sums, gathered in double. */                      \
        for (int64_t start = 0; start < n; start += 64 * W) {            \
            int64_t end = start + 64 * W < n ? start + 64 * W : n, i = start; \
            vf even = {0}, odd = {0};                                    \
            for (; i + 2 * W <= end; i += 2 * W) {                       \
                vf x = load(xs + i);                                     \
                even += term;                                            \
                x = load(xs + i + W);                                    \
                odd += term;                                             \
            }                                                            \
            for (; i < end; i += W) {                                    \
                vf x = load_part(xs + i, end - i < W ? end - i : W);     \
                even += term;                                            \
            }                                                            \
            total += sum_lanes(even + odd);                              \
        }                                                                \
        return total;                                                    \
    }

reduce(reduce_sum, x)
reduce(reduce_squares, x *x)

static void column_sums(float *sums, const float *x, int64_t rows, int64_t columns) {
    for (int64_t j = 0; j < columns; j += W) {
        int64_t part = columns - j < W ? columns - j : W;
        vf even = {0}, odd = {0};
        int64_t r = 0;
        if (part == W) {
            for (; r + 2 <= rows; r += 2) {
                even += load(x + r * columns + j);
                odd += load(x + (r + 1) * columns + j);
            }
            if (r < rows) even += load(x + r * columns + j);
            store(sums + j, even + odd);
        } else {
            for (; r < rows; r++) even += load_part(x + r * columns + j, part);
            store_part(sums + j, even, part);
        }
    }
}

static float row_maximum(const float *x, int64_t n) {
    int64_t i = 0;
    float largest = -__builtin_inff();
    if (n >= W) {
        vf a = load(x);
        for (i = W; i + W <= n; i += W) a = maximum(a, load(x + i));
        largest = max_lanes(a);
    }
    for (; i < n; i++) largest = x[i] > largest ? x[i] : largest;
    return largest;
}

/// y = exp(scale·x − shift); returns the sum.
inline_always float exponentials(float *y, const float *x, int64_t n, float scale, float shift) {
    vf total = {0};
    int64_t i = 0;
    for (; i + W <= n; i += W) {
        vf e = exponential(load(x + i) * scale - shift);
        store(y + i, e);
        total += e;
    }
    float rest = 0;
    if (i < n) {
        vf e = exponential(load_part(x + i, n - i) * scale - shift);
        store_part(y + i, e, n - i);
        for (int64_t j = 0; j < n - i; j++) rest += e[j];
    }
    return sum_lanes(total) + rest;
}

static void softmax(float *y, const float *x, int64_t rows, int64_t columns, float scale, float *log_sums) {
    for (int64_t r = 0; r < rows; r++, x += columns, y += columns) {
        float largest = row_maximum(x, columns) * scale;
        float total = exponentials(y, x, columns, scale, largest);
        if (log_sums) log_sums[r] = largest + __builtin_logf(total);
        map_scale(y, y, 1 / total, columns);
    }
}

static void softmax_again(float *s, int64_t rows, int64_t columns, float scale, const float *log_sums) {
    for (int64_t r = 0; r < rows; r++) exponentials(s + r * columns, s + r * columns, columns, scale, log_sums[r]);
}

static void softmax_gradient(
    float *dx, const float *dy, const float *y, int64_t rows, int64_t columns, float scale) {
    for (int64_t r = 0; r < rows; r++, dx += columns, dy += columns, y += columns) {
        vf dots = {0};
        int64_t i = 0;
        for (; i + W <= columns; i += W) dots += load(dy + i) * load(y + i);
        if (i < columns) dots += load_part(dy + i, columns - i) * load_part(y + i, columns - i);
        float dot = sum_lanes(dots);
        for (i = 0; i + W <= columns; i += W) store(dx + i, load(y + i) * (load(dy + i) - dot) * scale);
        for (; i < columns; i++) dx[i] = y[i] * (dy[i] - dot) * scale;
    }
}
