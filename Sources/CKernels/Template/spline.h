// Cubic B-splines on volumes (Unser, Aldroubi and Eden, IEEE Trans. Signal Processing 41, 1993).

/// The pole of the cubic B-spline, √3 − 2.
#define spline_pole -0.26794919243112270647f

static int64_t mirrored(int64_t i, int64_t n) {
    if (n == 1) return 0;
    int64_t period = 2 * n - 2;
    i %= period;
    if (i < 0) i += period;
    return i < n ? i : period - i;
}

/// One vector of neighbouring lines. 24 terms start the recursion: |pole|²⁴ is far below single precision.
inline_always void spline_filter_vector(float *lines, int64_t length, int64_t stride, int64_t width) {
    if (length == 1) return;
    vf last = {0}, factor = splat(6.0f);
    float power = 1;
    for (int64_t k = 0; k < 24; k++, power *= spline_pole)
        last += load_part(lines + mirrored(k, length) * stride, width) * power;
    store_part(lines, last * factor, width);
    last = last * factor;
    for (int64_t i = 1; i < length; i++) {
        last = load_part(lines + i * stride, width) * factor + last * spline_pole;
        store_part(lines + i * stride, last, width);
    }
    const float end = spline_pole / (spline_pole * spline_pole - 1);
    last = (last + load_part(lines + (length - 2) * stride, width) * spline_pole) * end;
    store_part(lines + (length - 1) * stride, last, width);
    for (int64_t i = length - 2; i >= 0; i--) {
        last = (last - load_part(lines + i * stride, width)) * spline_pole;
        store_part(lines + i * stride, last, width);
    }
}

static void spline_filter(float *lines, int64_t length, int64_t stride, int64_t width) {
    int64_t i = 0;
    for (; i + W <= width; i += W) spline_filter_vector(lines + i, length, stride, W);
    if (i < width) spline_filter_vector(lines + i, length, stride, width - i);
}

inline_always void convolve_vector(
    float *y, const float *x, int64_t length, int64_t stride, int64_t width, const float *taps, int64_t radius) {
    for (int64_t i = 0; i < length; i++) {
        vf sum = load_part(x + i * stride, width) * taps[radius];
        if (i >= radius && i + radius < length) {
            for (int64_t k = 1; k <= radius; k++)
                sum += (load_part(x + (i - k) * stride, width) + load_part(x + (i + k) * stride, width)) *
                       taps[radius + k];
        } else {
            for (int64_t k = 1; k <= radius; k++)
                sum += (load_part(x + mirrored(i - k, length) * stride, width) +
                        load_part(x + mirrored(i + k, length) * stride, width)) *
                       taps[radius + k];
        }
        store_part(y + i * stride, sum, width);
    }
}

static void convolve(
    float *y, const float *x, int64_t length, int64_t stride, int64_t width, const float *taps, int64_t radius) {
    int64_t i = 0;
    for (; i + W <= width; i += W) convolve_vector(y + i, x + i, length, stride, W, taps, radius);
    if (i < width) convolve_vector(y + i, x + i, length, stride, width - i, taps, radius);
}

static void convolve_rows(
    float *y, const float *x, int64_t rows, int64_t length, const float *taps, int64_t radius, float *padded) {
    for (int64_t row = 0; row < rows; row++, x += length, y += length) {
        for (int64_t k = 1; k <= radius; k++) {
            padded[radius - k] = x[mirrored(-k, length)];
            padded[radius + length - 1 + k] = x[mirrored(length - 1 + k, length)];
        }
        __builtin_memcpy(padded + radius, x, length * sizeof(float));
        for (int64_t i = 0; i < length; i += W) {
            int64_t n = length - i < W ? length - i : W;
            vf sum = load_part(padded + i + radius, n) * taps[radius];
            for (int64_t k = 1; k <= radius; k++)
                sum += (load_part(padded + i + radius - k, n) + load_part(padded + i + radius + k, n)) * taps[radius + k];
            store_part(y + i, sum, n);
        }
    }
}

/// Where a point lies among the coefficients: the first of four along each axis, and the place between.
typedef struct spline_place {
    int64_t x, y, z;
    float fx, fy, fz;
} spline_place;

inline_always float mapped(const float *row, float x, float y, float z) {
    return row[0] * x + row[1] * y + row[2] * z + row[3];
}

/// How far outside a value is still read, as a negative distance inside.
static const float half_voxel_outside[3] = {-0.5f, -0.5f, -0.5f};

/// Whether a point lies at least `margin` voxels inside, which not-a-number never does.
inline_always int place_of(spline_place *place, const int64_t *shape, float x, float y, float z, const float *margin) {
    if (!(x >= margin[0] && y >= margin[1] && z >= margin[2] && x <= (float)(shape[0] - 1) - margin[0] &&
          y <= (float)(shape[1] - 1) - margin[1] && z <= (float)(shape[2] - 1) - margin[2]))
        return 0;
    float bx = __builtin_floorf(x), by = __builtin_floorf(y), bz = __builtin_floorf(z);
    *place = (spline_place){(int64_t)bx - 1, (int64_t)by - 1, (int64_t)bz - 1, x - bx, y - by, z - bz};
    return 1;
}

typedef float v4 __attribute__((vector_size(16)));
typedef float v4_unaligned __attribute__((vector_size(16), aligned(4)));

/// The four cubic B-spline weights at a place between two samples.
inline_always v4 spline_weights(float f) {
    float g = 1 - f, f2 = f * f, f3 = f2 * f;
    return (v4){g * g * g, 4 - 6 * f2 + 3 * f3, 1 + 3 * f + 3 * f2 - 3 * f3, f3} * (1.0f / 6);
}

inline_always v4 spline_slopes(float f) {
    float g = 1 - f;
    return (v4){-g * g, f * (3 * f - 4), 1 + 2 * f - 3 * f * f, f * f} * 0.5f;
}

/// Σ over y and z of weights · four coefficients along x, which the caller weights.
inline_always v4 spline_column(const float *c, const int64_t *shape, const spline_place *at, v4 wy, v4 wz) {
    v4 sum = {0};
    int64_t row = shape[0], slice = shape[0] * shape[1];
    if (at->x >= 0 && at->y >= 0 && at->z >= 0 && at->x + 3 < shape[0] && at->y + 3 < shape[1] &&
        at->z + 3 < shape[2]) {
        const float *p = c + at->x + at->y * row + at->z * slice;
#pragma clang loop unroll(full)
        for (int k = 0; k < 4; k++) {
            const float *q = p + k * slice;
            v4 plane = *(const v4_unaligned *)q * wy[0];
            plane += *(const v4_unaligned *)(q + row) * wy[1];
            plane += *(const v4_unaligned *)(q + 2 * row) * wy[2];
            plane += *(const v4_unaligned *)(q + 3 * row) * wy[3];
            sum += plane * wz[k];
        }
        return sum;
    }
    for (int k = 0; k < 4; k++)
        for (int j = 0; j < 4; j++) {
            const float *q = c + mirrored(at->y + j, shape[1]) * row + mirrored(at->z + k, shape[2]) * slice;
            v4 four = {q[mirrored(at->x, shape[0])], q[mirrored(at->x + 1, shape[0])], q[mirrored(at->x + 2, shape[0])],
                       q[mirrored(at->x + 3, shape[0])]};
            sum += four * (wy[j] * wz[k]);
        }
    return sum;
}

inline_always float sum4(v4 v) { return (v[0] + v[1]) + (v[2] + v[3]); }

inline_always float spline_value(const float *c, const int64_t *shape, const spline_place *at) {
    return sum4(spline_column(c, shape, at, spline_weights(at->fy), spline_weights(at->fz)) * spline_weights(at->fx));
}

static int64_t spline_sample(
    float *values, const float *c, const int64_t *shape, const float *points, int64_t stride, int64_t n,
    const float *map) {
    int64_t outside = 0;
    for (int64_t i = 0; i < n; i++) {
        float x = points[i], y = points[stride + i], z = points[2 * stride + i];
        spline_place at;
        if (place_of(&at, shape, mapped(map, x, y, z), mapped(map + 4, x, y, z), mapped(map + 8, x, y, z), half_voxel_outside))
            values[i] = spline_value(c, shape, &at);
        else
            outside++;
    }
    return outside;
}

static void spline_sample_gradient(
    float *values, const float *c, const int64_t *shape, const float *points, int64_t stride, int64_t n,
    const float *map) {
    for (int64_t i = 0; i < n; i++) {
        float x = points[i], y = points[stride + i], z = points[2 * stride + i];
        spline_place at;
        if (!place_of(&at, shape, mapped(map, x, y, z), mapped(map + 4, x, y, z), mapped(map + 8, x, y, z), half_voxel_outside))
            continue;
        v4 wx = spline_weights(at.fx), wy = spline_weights(at.fy), wz = spline_weights(at.fz);
        v4 column = spline_column(c, shape, &at, wy, wz);
        values[i] = sum4(column * wx);
        values[stride + i] = sum4(column * spline_slopes(at.fx));
        values[2 * stride + i] = sum4(spline_column(c, shape, &at, spline_slopes(at.fy), wz) * wx);
        values[3 * stride + i] = sum4(spline_column(c, shape, &at, wy, spline_slopes(at.fz)) * wx);
    }
}

inline_always double dot_products(const float *a, const float *b, int64_t n) {
    vf sum = {0};
    for (int64_t i = 0; i < n; i += W) {
        int64_t part = n - i < W ? n - i : W;
        sum += load_part(a + i, part) * load_part(b + i, part);
    }
    return sum_lanes(sum);
}

static void spline_align(double *sums, const percept_alignment *a, int64_t first, int64_t last) {
    float values[1024], reference[1024], residual[1024], one[1024];
    int64_t n = last - first;
    const float *g = a->derivatives + 6 * a->stride;
    for (int64_t i = 0; i < n; i++) {
        const float *p = a->points + first + i;
        float x = p[0], y = p[a->stride], z = p[2 * a->stride];
        spline_place at;
        int inside = place_of(
            &at, a->shape, mapped(a->map, x, y, z), mapped(a->map + 4, x, y, z), mapped(a->map + 8, x, y, z),
            a->margin);
        values[i] = inside ? spline_value(a->coefficients, a->shape, &at) : 0;
        reference[i] = inside ? g[first + i] : 0;
        residual[i] = values[i] - a->intensity * reference[i];
        one[i] = (float)inside;
    }
    for (int k = 0; k < 7; k++) sums[k] = dot_products(a->derivatives + k * a->stride + first, residual, n);
    sums[7] = dot_products(residual, residual, n);
    sums[8] = dot_products(values, one, n);
    sums[9] = dot_products(values, values, n);
    sums[10] = dot_products(reference, one, n);
    sums[11] = dot_products(reference, reference, n);
    sums[12] = dot_products(values, reference, n);
    sums[13] = dot_products(one, one, n);
    if (!a->with_products) return;
    for (int row = 0, place = 14; row < 7; row++) {
        const float *left = a->derivatives + row * a->stride + first;
        for (int64_t i = 0; i < n; i++) values[i] = left[i] * one[i];
        for (int column = 0; column <= row; column++, place++)
            sums[place] = dot_products(values, a->derivatives + column * a->stride + first, n);
    }
}

static void convert_int16(float *y, const int16_t *x, int64_t n, float slope, float intercept) {
    for (int64_t i = 0; i < n; i++) y[i] = (float)x[i] * slope + intercept;
}

static int64_t copy_finite(float *y, const float *x, int64_t n) {
    int32_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        int32_t bits;
        __builtin_memcpy(&bits, x + i, sizeof bits);
        int32_t finite = (bits & 0x7F800000) != 0x7F800000;
        count += !finite;
        bits &= -finite;
        __builtin_memcpy(y + i, &bits, sizeof bits);
    }
    return count;
}

#define volume_kernel_table                                                                                  \
    {                                                                                                        \
        .spline_filter = spline_filter, .convolve = convolve, .convolve_rows = convolve_rows,                \
        .sample = spline_sample, .sample_gradient = spline_sample_gradient, .align = spline_align,           \
        .convert_int16 = convert_int16, .copy_finite = copy_finite,                                         \
    }
