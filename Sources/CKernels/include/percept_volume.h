#pragma once
#include <stdint.h>

// Kernels for volumes: x runs fastest, then y, then z. Each works on the range that it is given, on the calling thread.

/// Samples of the reference and what is measured against them, `stride` floats apart by quantity.
typedef struct percept_alignment {
    const float *coefficients;
    int64_t shape[3];
    /// How far inside the volume, in voxels, a point must lie to take part.
    float margin[3];
    /// x, y and z of the points, in mm; the map to voxel indices, row by row.
    const float *points;
    float map[12];
    /// The derivatives of the reference by six parameters, then its value.
    const float *derivatives;
    int64_t stride;
    float intensity;
    /// Whether the products of the derivatives are wanted too.
    int with_products;
} percept_alignment;

/// What `align` sums over the points inside: derivative · residual (7), residual², value, value², reference,
/// reference², value · reference, count; then, on request, derivative · derivative, the lower triangle by rows (28).
enum { percept_alignment_sums = 42 };

typedef struct percept_volume_kernels {
    /// Turns `width` neighbouring lines of `length` samples, `stride` apart, into coefficients of cubic B-splines with
    /// mirrored ends (Unser et al. 1993).
    void (*spline_filter)(float *lines, int64_t length, int64_t stride, int64_t width);
    /// y = x convolved with 2·radius + 1 symmetric taps along lines that lie as for `spline_filter`.
    void (*convolve)(
        float *y, const float *x, int64_t length, int64_t stride, int64_t width, const float *taps, int64_t radius);
    /// The same along contiguous rows. `padded` has room for a row and twice the radius.
    void (*convolve_rows)(
        float *y, const float *x, int64_t rows, int64_t length, const float *taps, int64_t radius, float *padded);
    /// Values at points that `map` takes to voxel indices; points more than half a voxel outside keep the value that
    /// is there. Returns how many are outside.
    int64_t (*sample)(
        float *values, const float *coefficients, const int64_t *shape, const float *points, int64_t stride,
        int64_t n, const float *map);
    /// Values and derivatives along the voxel axes, `stride` apart; every point lies inside.
    void (*sample_gradient)(
        float *values, const float *coefficients, const int64_t *shape, const float *points, int64_t stride,
        int64_t n, const float *map);
    /// Sums over points first..<last; a point outside the volume takes no part. At most 1024 points.
    void (*align)(double *sums, const percept_alignment *alignment, int64_t first, int64_t last);
    /// y = slope · x + intercept.
    void (*convert_int16)(float *y, const int16_t *x, int64_t n, float slope, float intercept);
    /// y = x, with zero in place of infinities and not-a-numbers; returns how many there were.
    int64_t (*copy_finite)(float *y, const float *x, int64_t n);
} percept_volume_kernels;

/// The kernels of an instruction set (see `percept_instruction_set_available`), or the portable ones.
const percept_volume_kernels *percept_volume_kernels_for(int instruction_set);
