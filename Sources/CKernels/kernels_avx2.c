// The kernels in 256-bit vectors with fused multiply-add.
#include "percept_kernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define W 8
#include "Template/kernels.h"

const percept_kernels percept_kernels_avx2 = kernel_table;

#pragma clang attribute pop
#endif
