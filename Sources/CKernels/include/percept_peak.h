#pragma once

/// Runs fused multiply-adds of float32 on the calling thread for about `seconds` and returns the rate reached,
/// in floating-point operations per second (a fused multiply-add counts as two).
/// `instruction_set` is 0 portable, 1 AVX2 + FMA or 2 AVX-512; one that this processor lacks returns 0.
double percept_measure_peak(int instruction_set, double seconds);
