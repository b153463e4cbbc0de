// Functions of one or two arrays, element by element.

#define map_one(name, expression)                                        \
    static void name(float *y, const float *xs, int64_t n) {             \
        int64_t i = 0;                                                   \
        for (; i + W <= n; i += W) {                                     \
            vf x = load(xs + i);                                         \
            store(y + i, expression);                                    \
        }                                                                \
        if (i < n) {                                                     \
            vf x = load_part(xs + i, n - i);                             \
            store_part(y + i, expression, n - i);                        \
        }                                                                \
    }

#define map_two(name, expression)                                        \
    static void name(float *y, const float *as, const float *bs, int64_t n) { \
        int64_t i = 0;                                                   \
        for (; i + W <= n; i += W) {                                     \
            vf a = load(as + i), b = load(bs + i);                       \
            store(y + i, expression);                                    \
        }                                                                \
        if (i < n) {                                                     \
            vf a = load_part(as + i, n - i), b = load_part(bs + i, n - i); \
            store_part(y + i, expression, n - i);                        \
        }                                                                \
    }

map_one(map_silu, silu_value(x))
map_one(map_gelu, gelu_value(x))
map_one(map_exponential, exponential(x))
map_one(map_error_function, error_function(x))
map_two(map_silu_gradient, a * silu_slope(b))
map_two(map_gelu_gradient, a * gelu_slope(b))
map_two(map_add, a + b)
map_two(map_subtract, a - b)
map_two(map_multiply, a * b)

static void map_scale(float *c, const float *a, float factor, int64_t n) {
    int64_t i = 0;
    for (; i + W <= n; i += W) store(c + i, load(a + i) * factor);
    for (; i < n; i++) c[i] = a[i] * factor;
}

static void map_axpy(float *y, const float *x, float factor, int64_t n) {
    int64_t i = 0;
    for (; i + W <= n; i += W) store(y + i, load(y + i) + load(x + i) * factor);
    if (i < n) store_part(y + i, load_part(y + i, n - i) + load_part(x + i, n - i) * factor, n - i);
}

static void map_geglu(float *y, const float *x, int64_t rows, int64_t n) {
    for (int64_t r = 0; r < rows; r++, x += 2 * n, y += n) {
        int64_t i = 0;
        for (; i + W <= n; i += W) store(y + i, load(x + i) * gelu_value(load(x + n + i)));
        if (i < n) store_part(y + i, load_part(x + i, n - i) * gelu_value(load_part(x + n + i, n - i)), n - i);
    }
}

static void map_geglu_gradient(float *dx, const float *dy, const float *x, int64_t rows, int64_t n) {
    for (int64_t r = 0; r < rows; r++, x += 2 * n, dx += 2 * n, dy += n) {
        for (int64_t i = 0; i < n; i += W) {
            int64_t part = n - i < W ? n - i : W;
            vf a = load_part(x + i, part), g = load_part(x + n + i, part), d = load_part(dy + i, part);
            store_part(dx + i, d * gelu_value(g), part);
            store_part(dx + n + i, d * a * gelu_slope(g), part);
        }
    }
}

static void adamw(float *parameter, float *first, float *second, const float *gradient, int64_t n, const float *c) {
    // c: learning rate, beta 1, beta 2, epsilon, weight decay, bias correction 1, root of bias correction 2, gradient scale.
    const float step = c[0] / c[5], decay = 1 - c[0] * c[4], root_correction = 1 / c[6];
    for (int64_t i = 0; i < n; i += W) {
        int64_t part = n - i < W ? n - i : W;
        vf g, m, v, p;
        if (part == W) {
            g = load(gradient + i), m = load(first + i), v = load(second + i), p = load(parameter + i);
        } else {
            g = load_part(gradient + i, part), m = load_part(first + i, part);
            v = load_part(second + i, part), p = load_part(parameter + i, part);
        }
        g = g * c[7];
        m = m * c[1] + g * (1 - c[1]);
        v = v * c[2] + g * g * (1 - c[2]);
        p = p * decay - step * m / (__builtin_elementwise_sqrt(v) * root_correction + c[3]);
        if (part == W) {
            store(first + i, m), store(second + i, v), store(parameter + i, p);
        } else {
            store_part(first + i, m, part), store_part(second + i, v, part), store_part(parameter + i, p, part);
        }
    }
}
