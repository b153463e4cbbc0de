#include "percept_dispatch.h"
#include "percept_kernels.h"
#include "percept_volume.h"

int percept_instruction_set_available(int instruction_set) {
    if (instruction_set == 0) return 1;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (instruction_set == 1) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (instruction_set == 2)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#endif
    return 0;
}

extern const percept_kernels percept_kernels_portable;
extern const percept_volume_kernels percept_volume_kernels_portable;
#if defined(__x86_64__)
extern const percept_kernels percept_kernels_avx2, percept_kernels_avx512;
extern const percept_volume_kernels percept_volume_kernels_avx2, percept_volume_kernels_avx512;
#endif

const percept_kernels *percept_kernels_for(int instruction_set) {
#if defined(__x86_64__)
    if (instruction_set == 2 && percept_instruction_set_available(2)) return &percept_kernels_avx512;
    if (instruction_set >= 1 && percept_instruction_set_available(1)) return &percept_kernels_avx2;
#endif
    return &percept_kernels_portable;
}

const percept_volume_kernels *percept_volume_kernels_for(int instruction_set) {
#if defined(__x86_64__)
    if (instruction_set == 2 && percept_instruction_set_available(2)) return &percept_volume_kernels_avx512;
    if (instruction_set >= 1 && percept_instruction_set_available(1)) return &percept_volume_kernels_avx2;
#endif
    return &percept_volume_kernels_portable;
}
