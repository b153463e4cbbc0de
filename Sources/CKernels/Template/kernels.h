// All kernels for vectors of W floats, as `table`.
#include "vector.h"
#include "functions.h"
#include "elementwise.h"
#include "reductions.h"
#include "normalization.h"
#include "transpose.h"
#include "packing.h"
#include "product.h"
#include "winograd.h"
#include "winograd_rows.h"
#include "spline.h"

#define kernel_table                                                                                       \
    {                                                                                                      \
        .vector_width = W, .panel_width = panel, .silu = map_silu, .silu_gradient = map_silu_gradient,     \
        .gelu = map_gelu, .gelu_gradient = map_gelu_gradient, .geglu = map_geglu,                          \
        .geglu_gradient = map_geglu_gradient, .exponential = map_exponential,                              \
        .error_function = map_error_function, .add = map_add, .subtract = map_subtract,                    \
        .multiply = map_multiply, .scale = map_scale, .axpy = map_axpy, .sum = reduce_sum,                 \
        .sum_of_squares = reduce_squares, .column_sums = column_sums, .softmax = softmax,                  \
        .softmax_gradient = softmax_gradient, .softmax_again = softmax_again,                              \
        .shifted_moments = shifted_moments, .affine = affine, .norm_gradient_sums = norm_gradient_sums,    \
        .norm_gradient = norm_gradient, .layer_norm = layer_norm,                                          \
        .layer_norm_gradient = layer_norm_gradient, .adamw = adamw, .transpose = transpose,                \
        .pack_panel = pack_panel, .pack_taps = pack_taps, .pack_windows = pack_windows, .product = product, \
        .winograd_input = winograd_input,                                                                  \
        .winograd_products = winograd_products,                                                            \
        .winograd_output = winograd_output, .winograd_weights = winograd_weights,                          \
        .winograd_rows_input = winograd_rows_input, .winograd_rows_output = winograd_rows_output,          \
        .winograd_rows_weights = winograd_rows_weights,                                                    \
    }
