#pragma once
#include <stdint.h>

/// A fixed set of threads that share the iterations of one loop at a time.
typedef struct percept_pool percept_pool;

/// One iteration of a parallel loop.
typedef void (*percept_job)(void *context, int64_t index);

/// Starts `threads - 1` workers; the caller of `percept_pool_run` is the remaining thread.
/// Returns NULL when memory or threads cannot be had.
percept_pool *percept_pool_create(int threads);

/// Runs `job(context, i)` for every i in 0..<count and returns when all have finished.
/// Iterations are handed out one by one, so a result may depend on `i` but not on which thread ran it.
/// Called from inside a job, it runs the iterations in order on the calling thread. One caller at a time;
/// others wait for their turn.
void percept_pool_run(percept_pool *pool, int64_t count, percept_job job, void *context);

/// Stops and joins the workers.
void percept_pool_destroy(percept_pool *pool);
