// A library for tests, loaded before others (LD_PRELOAD): file operations fail on purpose, and clocks step.
//
// PERCEPT_FAILPOINTS names a file with a percept_failpoints, PERCEPT_FAILPOINTS_UNDER the folder whose files are meant.
// Both processes map the file, so that a test may count calls, and change what fails, at any moment.
#pragma once
#include <stdint.h>

/// Kinds of calls.
enum { percept_write, percept_sync, percept_rename, percept_open, percept_truncate, percept_call_kinds };

/// What fails, and what was called.
typedef struct {
    /// The kind that fails; -1 for none.
    int64_t kind;
    /// The number of the first call that fails, from 0.
    int64_t first;
    /// How many calls fail from there on.
    int64_t count;
    /// What `errno` is then.
    int64_t error;
    /// What is added to the wall clock, in ns.
    int64_t clock_shift;
    /// How many calls failed on purpose.
    int64_t failures;
    /// The calls so far, by kind.
    int64_t calls[percept_call_kinds];
} percept_failpoints;
