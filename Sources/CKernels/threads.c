#include "percept_threads.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define relax() _mm_pause()
#elif defined(__aarch64__)
#define relax() __asm__ volatile("yield")
#else
#define relax() ((void)0)
#endif

// A network step is some 500 short loops with microseconds between them: waking a sleeping thread for each
// would cost more than the smaller loops themselves, so a worker spins for about 0.1 ms before it sleeps.
enum { spin_rounds = 4000 };

// `ticket` is (generation << 32) | next iteration. A closed ticket has all low bits set. Job, context and
// count only change while the ticket is closed, so a worker whose compare-and-swap succeeds has read the
// fields of the generation that it claimed an iteration of.
static const uint64_t closed = 0xffffffffu;

struct percept_pool {
    _Alignas(64) _Atomic uint64_t ticket;
    _Alignas(64) _Atomic int64_t done;
    _Alignas(64) _Atomic int64_t count;
    _Atomic(percept_job) job;
    _Atomic(void *) context;
    _Atomic int sleepers;
    _Atomic bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    pthread_mutex_t caller;
    int workers;
    pthread_t *threads;
};

static _Thread_local bool inside_job = false;

static bool claim(percept_pool *pool, uint64_t *ticket) {
    uint64_t t = atomic_load(&pool->ticket);
    while ((t & closed) != closed && (int64_t)(t & closed) < atomic_load(&pool->count)) {
        if (atomic_compare_exchange_weak(&pool->ticket, &t, t + 1)) {
            *ticket = t;
            return true;
        }
        relax();
    }
    return false;
}

static void work(percept_pool *pool) {
    uint64_t ticket;
    while (claim(pool, &ticket)) {
        percept_job job = atomic_load(&pool->job);
        void *context = atomic_load(&pool->context);
        job(context, (int64_t)(ticket & closed));
        atomic_fetch_add(&pool->done, 1);
    }
}

static bool has_work(percept_pool *pool) {
    uint64_t t = atomic_load(&pool->ticket);
    return (t & closed) != closed && (int64_t)(t & closed) < atomic_load(&pool->count);
}

static void *worker(void *argument) {
    percept_pool *pool = argument;
    inside_job = true;
    while (!atomic_load(&pool->stop)) {
        int rounds = 0;
        while (!has_work(pool) && rounds < spin_rounds) {
            relax();
            rounds++;
        }
        if (rounds < spin_rounds) {
            work(pool);
            continue;
        }
        pthread_mutex_lock(&pool->mutex);
        atomic_fetch_add(&pool->sleepers, 1);
        while (!has_work(pool) && !atomic_load(&pool->stop)) pthread_cond_wait(&pool->wake, &pool->mutex);
        atomic_fetch_sub(&pool->sleepers, 1);
        pthread_mutex_unlock(&pool->mutex);
    }
    return NULL;
}

percept_pool *percept_pool_create(int threads) {
    percept_pool *pool = aligned_alloc(64, (sizeof(percept_pool) + 63) / 64 * 64);
    if (!pool) return NULL;
    atomic_init(&pool->ticket, closed);
    atomic_init(&pool->done, 0);
    atomic_init(&pool->count, 0);
    atomic_init(&pool->job, NULL);
    atomic_init(&pool->context, NULL);
    atomic_init(&pool->sleepers, 0);
    atomic_init(&pool->stop, false);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_mutex_init(&pool->caller, NULL);
    pool->workers = 0;
    pool->threads = calloc(threads > 1 ? (size_t)threads - 1 : 1, sizeof(pthread_t));
    if (!pool->threads) {
        free(pool);
        return NULL;
    }
    for (int i = 0; i < threads - 1; i++) {
        if (pthread_create(&pool->threads[i], NULL, worker, pool) != 0) {
            percept_pool_destroy(pool);
            return NULL;
        }
        pool->workers++;
    }
    return pool;
}

void percept_pool_run(percept_pool *pool, int64_t count, percept_job job, void *context) {
    if (count <= 0) return;
    if (pool->workers == 0 || count == 1 || inside_job) {
        for (int64_t i = 0; i < count; i++) job(context, i);
        return;
    }
    pthread_mutex_lock(&pool->caller);
    inside_job = true;
    uint64_t generation = (atomic_load(&pool->ticket) >> 32) + 1;
    atomic_store(&pool->ticket, (generation << 32) | closed);
    atomic_store(&pool->job, job);
    atomic_store(&pool->context, context);
    atomic_store(&pool->count, count);
    atomic_store(&pool->done, 0);
    atomic_store(&pool->ticket, generation << 32);
    if (atomic_load(&pool->sleepers) > 0) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
    work(pool);
    while (atomic_load(&pool->done) < count) relax();
    inside_job = false;
    pthread_mutex_unlock(&pool->caller);
}

void percept_pool_destroy(percept_pool *pool) {
    atomic_store(&pool->stop, true);
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < pool->workers; i++) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    pthread_mutex_destroy(&pool->caller);
    free(pool->threads);
    free(pool);
}
