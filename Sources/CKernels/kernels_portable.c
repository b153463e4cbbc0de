// The kernels in 128-bit vectors, which every platform has.
#include "percept_kernels.h"
#include "percept_volume.h"

#define W 4
#include "Template/kernels.h"

const percept_kernels percept_kernels_portable = kernel_table;
const percept_volume_kernels percept_volume_kernels_portable = volume_kernel_table;
