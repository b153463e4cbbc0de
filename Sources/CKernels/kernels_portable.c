// The kernels in 128-bit vectors, which every platform has.
#include "percept_kernels.h"

#define W 4
#include "Template/kernels.h"

const percept_kernels percept_kernels_portable = kernel_table;
