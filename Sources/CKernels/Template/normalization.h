// Group and layer normalisation of channel-last rows.

static void shifted_moments(
    float *sums, float *squares, const float *x, const float *shift, int64_t rows, int64_t columns) {
    for (int64_t j = 0; j < columns; j += W) {
        int64_t part = columns - j < W ? columns - j : W;
        vf s = {0}, q = {0};
        if (part == W) {
            vf origin = load(shift + j), s1 = {0}, q1 = {0};
            int64_t r = 0;
            for (; r + 2 <= rows; r += 2) {
                vf d = load(x + r * columns + j) - origin, e = load(x + (r + 1) * columns + j) - origin;
                s += d, q += d * d;
                s1 += e, q1 += e * e;
            }
            if (r < rows) {
                vf d = load(x + r * columns + j) - origin;
                s += d, q += d * d;
            }
            store(sums + j, s + s1);
            store(squares + j, q + q1);
        } else {
            vf origin = load_part(shift + j, part);
            for (int64_t r = 0; r < rows; r++) {
                vf d = load_part(x + r * columns + j, part) - origin;
                s += d, q += d * d;
            }
            store_part(sums + j, s, part);
            store_part(squares + j, q, part);
        }
    }
}

inline_always void affine_rows(
    float *y, const float *x, const float *factor, const float *offset, int64_t rows, int64_t columns,
    percept_activation activation) {
    for (int64_t r = 0; r < rows; r++, x += columns, y += columns) {
        int64_t j = 0;
        for (; j + W <= columns; j += W)
            store(y + j, activate(load(x + j) * load(factor + j) + load(offset + j), activation));
        if (j < columns) {
            int64_t part = columns - j;
            vf z = load_part(x + j, part) * load_part(factor + j, part) + load_part(offset + j, part);
            store_part(y + j, activate(z, activation), part);
        }
    }
}

static void affine(
    float *y, const float *x, const float *factor, const float *offset, int64_t rows, int64_t columns,
    percept_activation activation) {
    if (activation == percept_silu) affine_rows(y, x, factor, offset, rows, columns, percept_silu);
    else if (activation == percept_gelu) affine_rows(y, x, factor, offset, rows, columns, percept_gelu);
    else affine_rows(y, x, factor, offset, rows, columns, percept_identity);
}

#define slope_at(X)                                                                              \
    vf normal = (X)*load_part(factor + j, part) + load_part(offset + j, part);                   \
    vf slope = activation == percept_identity                                                    \
                   ? splat(1)                                                                    \
                   : activation_slope(normal * load_part(weight + j, part) + load_part(bias + j, part), activation);

static void norm_gradient_sums(
    float *sums, float *products, const float *dy, const float *x, const float *factor, const float *offset,
    const float *weight, const float *bias, int64_t rows, int64_t columns, percept_activation activation) {
    for (int64_t j = 0; j < columns; j += W) {
        int64_t part = columns - j < W ? columns - j : W;
        vf s = {0}, p = {0};
        for (int64_t r = 0; r < rows; r++) {
            slope_at(load_part(x + r * columns + j, part));
            vf dz = load_part(dy + r * columns + j, part) * slope;
            s += dz, p += dz * normal;
        }
        store_part(sums + j, s, part);
        store_part(products + j, p, part);
    }
}

static void norm_gradient(
    float *dx, const float *dy, const float *x, const float *factor, const float *offset, const float *weight,
    const float *bias, const float *p, const float *q, const float *r, int64_t rows, int64_t columns,
    percept_activation activation) {
    for (int64_t row = 0; row < rows; row++, dx += columns, dy += columns, x += columns)
        for (int64_t j = 0; j < columns; j += W) {
            int64_t part = columns - j < W ? columns - j : W;
            slope_at(load_part(x + j, part));
            vf dz = load_part(dy + j, part) * slope;
            vf result = dz * load_part(p + j, part) - load_part(q + j, part) - normal * load_part(r + j, part);
            store_part(dx + j, result, part);
        }
}

static void layer_norm(
    float *y, float *means, float *inverses, const float *x, const float *weight, const float *bias, int64_t rows,
    int64_t columns, float epsilon) {
    int64_t whole = columns / W * W;
    for (int64_t r = 0; r < rows; r++, x += columns, y += columns) {
        vf total = {0}, squares = {0};
        float rest = 0, rest_squares = 0;
        for (int64_t j = 0; j < whole; j += W) total += load(x + j);
        for (int64_t j = whole; j < columns; j++) rest += x[j];
        float mean = (sum_lanes(total) + rest) / columns;
        for (int64_t j = 0; j < whole; j += W) {
            vf d = load(x + j) - mean;
            squares += d * d;
        }
        for (int64_t j = whole; j < columns; j++) rest_squares += (x[j] - mean) * (x[j] - mean);
        float inverse = 1 / __builtin_sqrtf((sum_lanes(squares) + rest_squares) / columns + epsilon);
        for (int64_t j = 0; j < whole; j += W) store(y + j, (load(x + j) - mean) * inverse * load(weight + j) + load(bias + j));
        for (int64_t j = whole; j < columns; j++) y[j] = (x[j] - mean) * inverse * weight[j] + bias[j];
        means[r] = mean;
        inverses[r] = inverse;
    }
}

static void layer_norm_gradient(
    float *dx, float *weight_sums, float *bias_sums, const float *dy, const float *x, const float *weight,
    const float *means, const float *inverses, int64_t rows, int64_t columns) {
    for (int64_t j = 0; j < columns; j++) weight_sums[j] = bias_sums[j] = 0;
    for (int64_t r = 0; r < rows; r++, dx += columns, dy += columns, x += columns) {
        float mean = means[r], inverse = inverses[r];
        vf s = {0}, p = {0};
        for (int64_t j = 0; j < columns; j += W) {
            int64_t part = columns - j < W ? columns - j : W;
            vf d = load_part(dy + j, part), g = d * load_part(weight + j, part);
            vf normal = part == W ? (load(x + j) - mean) * inverse : (load_part(x + j, part) - mean) * inverse;
            s += g, p += g * normal;
            store_part(weight_sums + j, load_part(weight_sums + j, part) + d * normal, part);
            store_part(bias_sums + j, load_part(bias_sums + j, part) + d, part);
        }
        float a = sum_lanes(s) / columns, b = sum_lanes(p) / columns;
        for (int64_t j = 0; j < columns; j += W) {
            int64_t part = columns - j < W ? columns - j : W;
            vf g = load_part(dy + j, part) * load_part(weight + j, part);
            vf normal = (load_part(x + j, part) - mean) * inverse;
            store_part(dx + j, (g - a - normal * b) * inverse, part);
        }
    }
}
