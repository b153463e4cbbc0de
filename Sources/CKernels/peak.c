#include "percept_peak.h"
#include "percept_dispatch.h"
#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Twelve independent chains hide the latency of a fused multiply-add on every processor with two such units.
enum { chains = 12, repetitions = 20000 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Values stay finite: x <- x * 0.5 + 0.5 converges to 1. The empty assembly keeps the chains in registers and the
// compiler from working out the result.
#define MEASURE(vector, multiply_add, set1)                                                     \
    do {                                                                                        \
        vector x0 = set1(0.1f), x1 = set1(0.2f), x2 = set1(0.3f), x3 = set1(0.4f);              \
        vector x4 = set1(0.5f), x5 = set1(0.6f), x6 = set1(0.7f), x7 = set1(0.8f);              \
        vector x8 = set1(0.9f), x9 = set1(1.0f), xa = set1(1.1f), xb = set1(1.2f);              \
        vector half = set1(0.5f);                                                               \
        __asm__ volatile("" : "+x"(half));                                                      \
        for (int i = 0; i < repetitions; i++) {                                                 \
            x0 = multiply_add(x0, half, half), x1 = multiply_add(x1, half, half);               \
            x2 = multiply_add(x2, half, half), x3 = multiply_add(x3, half, half);               \
            x4 = multiply_add(x4, half, half), x5 = multiply_add(x5, half, half);               \
            x6 = multiply_add(x6, half, half), x7 = multiply_add(x7, half, half);               \
            x8 = multiply_add(x8, half, half), x9 = multiply_add(x9, half, half);               \
            xa = multiply_add(xa, half, half), xb = multiply_add(xb, half, half);               \
            __asm__ volatile("" : "+x"(x0), "+x"(x1), "+x"(x2), "+x"(x3), "+x"(x4), "+x"(x5));  \
            __asm__ volatile("" : "+x"(x6), "+x"(x7), "+x"(x8), "+x"(x9), "+x"(xa), "+x"(xb));  \
        }                                                                                       \
    } while (0)

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void round_avx2(void) {
    MEASURE(__m256, _mm256_fmadd_ps, _mm256_set1_ps);
}

__attribute__((target("avx512f"))) static void round_avx512(void) {
    MEASURE(__m512, _mm512_fmadd_ps, _mm512_set1_ps);
}
#endif

typedef float vector4 __attribute__((vector_size(16)));

static void round_portable(void) {
    vector4 x[chains], half = {0.5f, 0.5f, 0.5f, 0.5f};
    for (int c = 0; c < chains; c++) x[c] = half * (float)c;
    for (int i = 0; i < repetitions; i++) {
        for (int c = 0; c < chains; c++) x[c] = x[c] * half + half;
    }
    volatile float sink = 0;
    for (int c = 0; c < chains; c++) sink += x[c][0];
}

double percept_measure_peak(int instruction_set, double seconds) {
    if (!percept_instruction_set_available(instruction_set)) return 0;
    static const int lanes[] = {4, 8, 16};
    void (*round)(void) = round_portable;
#if defined(__x86_64__)
    if (instruction_set == 1) round = round_avx2;
    if (instruction_set == 2) round = round_avx512;
#endif
    round();
    double start = now(), elapsed = 0;
    int64_t rounds = 0;
    while (elapsed < seconds) {
        round();
        rounds++;
        elapsed = now() - start;
    }
    return (double)rounds * repetitions * chains * 2 * lanes[instruction_set] / elapsed;
}
