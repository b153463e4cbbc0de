// The kernels in 256-bit vectors with fused multiply-add.
#include "percept_kernels.h"
#include "percept_volume.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define W 8
#include "Template/kernels.h"

const percept_kernels percept_kernels_avx2 = kernel_table;
const percept_volume_kernels percept_volume_kernels_avx2 = volume_kernel_table;

#pragma clang attribute pop
#endif
