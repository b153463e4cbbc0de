// Vectors of W floats. Included once per instruction set, with W defined.

typedef float vf __attribute__((vector_size(W * 4)));
typedef float vf_unaligned __attribute__((vector_size(W * 4), aligned(4)));
typedef int32_t vi __attribute__((vector_size(W * 4)));
#define inline_always static inline __attribute__((always_inline))

inline_always vf load(const float *p) { return *(const vf_unaligned *)p; }
inline_always void store(float *p, vf v) { *(vf_unaligned *)p = v; }
inline_always vf splat(float x) { return x - (vf){0}; }

inline_always vf load_part(const float *p, int64_t n) {
    if (n == W) return load(p);
    vf v = {0};
    for (int64_t i = 0; i < n; i++) v[i] = p[i];
    return v;
}

inline_always void store_part(float *p, vf v, int64_t n) {
    if (n == W) {
        store(p, v);
        return;
    }
    for (int64_t i = 0; i < n; i++) p[i] = v[i];
}

inline_always vf choose(vi mask, vf yes, vf no) { return (vf)((mask & (vi)yes) | (~mask & (vi)no)); }
inline_always vf maximum(vf a, vf b) { return choose(a > b, a, b); }
inline_always vf minimum(vf a, vf b) { return choose(a < b, a, b); }

inline_always float sum_lanes(vf v) {
    float lanes[W];
    __builtin_memcpy(lanes, &v, sizeof v);
    for (int step = W / 2; step; step /= 2)
        for (int i = 0; i < step; i++) lanes[i] += lanes[i + step];
    return lanes[0];
}

inline_always float max_lanes(vf v) {
    float largest = v[0];
    for (int i = 1; i < W; i++) largest = v[i] > largest ? v[i] : largest;
    return largest;
}
