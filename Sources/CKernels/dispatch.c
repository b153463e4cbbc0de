#include "percept_dispatch.h"

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
