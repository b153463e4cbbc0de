// exp, the logistic function, erf and their kin. The polynomials are least-maximum fits of relative error
// (exp on |r| <= ln 2 / 2: 2e-9; erf(x)/x in x² on [0, 1]: 1e-9; ln erfc on [1, 4]: 1e-9 in erf).

/// eˣ within 1e-7 relative; x is clamped to [-87.3, 88.3].
inline_always vf exponential(vf x) {
    x = minimum(maximum(x, splat(-87.3f)), splat(88.3f));
    // Adding 1.5·2²³ rounds to an integer, which then sits in the low bits of the sum.
    vf shifted = x * 1.44269504f + 12582912.0f;
    vf n = shifted - 12582912.0f;
    vf r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    vf p = r * 0.0013836842f + 0.008374816f;
    p = p * r + 0.041668225f;
    p = p * r + 0.1666642f;
    p = p * r + 0.4999999f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    vi exponent = ((vi)shifted - 0x4b400000) << 23;
    return (vf)((vi)p + exponent);
}

inline_always vf logistic(vf x) { return 1.0f / (1.0f + exponential(-x)); }

inline_always vf error_function(vf x) {
    vf t = (vf)((vi)x & 0x7fffffff);
    vf u = t * t;
    vf small = u * 7.853858e-05f - 0.00080101925f;
    small = small * u + 0.0051883277f;
    small = small * u - 0.026853811f;
    small = small * u + 0.112835854f;
    small = small * u - 0.37612626f;
    small = small * u + 1.1283791f;
    small = small * x;
    t = minimum(t, splat(4.0f));
    vf q = t * 0.00019150504f - 0.002999549f;
    q = q * t + 0.02205203f;
    q = q * t - 0.10356695f;
    q = q * t - 0.63759995f;
    q = q * t - 1.1274261f;
    q = q * t - 0.00025643664f;
    vf large = 1.0f - exponential(q);
    large = (vf)((vi)large | ((vi)x & (vi)(splat(-0.0f))));
    return choose(u < 1.0f, small, large);
}

inline_always vf silu_value(vf x) { return x * logistic(x); }
inline_always vf silu_slope(vf x) {
    vf s = logistic(x);
    return s * (1.0f + x * (1.0f - s));
}
inline_always vf gelu_value(vf x) { return 0.5f * x * (1.0f + error_function(x * 0.70710678f)); }
inline_always vf gelu_slope(vf x) {
    vf density = exponential(-0.5f * x * x) * 0.39894228f;
    return 0.5f * (1.0f + error_function(x * 0.70710678f)) + x * density;
}

inline_always vf activate(vf x, percept_activation activation) {
    if (activation == percept_silu) return silu_value(x);
    if (activation == percept_gelu) return gelu_value(x);
    return x;
}
inline_always vf activation_slope(vf x, percept_activation activation) {
    if (activation == percept_silu) return silu_slope(x);
    if (activation == percept_gelu) return gelu_slope(x);
    return splat(1.0f);
}
