#pragma once
#include <stdint.h>

/// Updates a SHA-256 state (FIPS 180-4) with `blocks` blocks of 64 bytes.
/// Uses the SHA extensions of the processor unless `portable` is not 0.
void percept_sha256_blocks(uint32_t state[8], const uint8_t *data, int64_t blocks, int portable);
