#pragma once

/// Whether this processor has an instruction set: 0 portable, 1 AVX2 + FMA, 2 AVX-512 (F, VL, DQ, BW).
int percept_instruction_set_available(int instruction_set);
