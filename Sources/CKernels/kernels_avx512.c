// The kernels in 512-bit vectors.
#include "percept_kernels.h"
#include "percept_volume.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma"))), apply_to = function)

#define W 16
#include "Template/kernels.h"

const percept_kernels percept_kernels_avx512 = kernel_table;
const percept_volume_kernels percept_volume_kernels_avx512 = volume_kernel_table;

#pragma clang attribute pop
#endif
