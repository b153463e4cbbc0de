#define _GNU_SOURCE
#include "CFailpoint.h"
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

// Not <fcntl.h>: its inline functions would stand in the way of those below.
#define OPEN_WRITES 03
#define OPEN_CREATES 0100
#define OPEN_UNNAMED 020200000

static percept_failpoints *points;
static char folder[PATH_MAX];
static size_t folder_length;

#define real(name) ((__typeof__(&name))find(&name##_real, #name))
static void *find(void **known, const char *name) {
    void *function = __atomic_load_n(known, __ATOMIC_RELAXED);
    if (!function) __atomic_store_n(known, function = dlsym(RTLD_NEXT, name), __ATOMIC_RELAXED);
    return function;
}

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("PERCEPT_FAILPOINTS"), *under = getenv("PERCEPT_FAILPOINTS_UNDER");
    if (!path) return;
    long descriptor = syscall(SYS_openat, -100, path, 2 | 02000000, 0);
    if (descriptor < 0) return;
    void *mapped = mmap(NULL, sizeof *points, PROT_READ | PROT_WRITE, MAP_SHARED, (int)descriptor, 0);
    syscall(SYS_close, descriptor);
    if (mapped == MAP_FAILED) return;
    if (under) folder_length = (size_t)snprintf(folder, sizeof folder, "%s/", under);
    __atomic_store_n(&points, mapped, __ATOMIC_RELEASE);
}

static int is_meant(const char *path) {
    return folder_length > 0 && path && strncmp(path, folder, folder_length) == 0;
}

static int is_meant_descriptor(int descriptor) {
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    // A folder itself is meant too, when it is brought to the disk.
    if (length + 1 == (ssize_t)folder_length && strncmp(path, folder, (size_t)length) == 0) return 1;
    return is_meant(path);
}

/// Counts a call; whether it is to fail.
static int fails(int kind) {
    int64_t number = __atomic_fetch_add(&points->calls[kind], 1, __ATOMIC_RELAXED);
    if (points->kind != kind || number < points->first || number - points->first >= points->count) return 0;
    __atomic_fetch_add(&points->failures, 1, __ATOMIC_RELAXED);
    errno = (int)points->error;
    return 1;
}

static int fails_path(int kind, const char *path) { return points && is_meant(path) && fails(kind); }

static int fails_descriptor(int kind, int descriptor) {
    if (!points || !folder_length) return 0;
    int before = errno;
    int meant = is_meant_descriptor(descriptor);
    errno = before;
    return meant && fails(kind);
}

// MARK: Files

#define PASS(result, name, kind, check, subject, parameters, arguments)                                                \
    extern result name parameters;                                                                                     \
    static void *name##_real;                                                                                          \
    __attribute__((visibility("default"))) result name parameters {                                                    \
        return check(kind, subject) ? -1 : real(name) arguments;                                                       \
    }

PASS(ssize_t, write, percept_write, fails_descriptor, fd, (int fd, const void *buffer, size_t size),
     (fd, buffer, size))
PASS(ssize_t, pwrite, percept_write, fails_descriptor, fd, (int fd, const void *buffer, size_t size, off_t place),
     (fd, buffer, size, place))
PASS(ssize_t, pwrite64, percept_write, fails_descriptor, fd,
     (int fd, const void *buffer, size_t size, __off64_t place), (fd, buffer, size, place))
PASS(ssize_t, writev, percept_write, fails_descriptor, fd, (int fd, const struct iovec *parts, int count),
     (fd, parts, count))
PASS(int, fsync, percept_sync, fails_descriptor, fd, (int fd), (fd))
PASS(int, fdatasync, percept_sync, fails_descriptor, fd, (int fd), (fd))
PASS(int, ftruncate, percept_truncate, fails_descriptor, fd, (int fd, off_t size), (fd, size))
PASS(int, ftruncate64, percept_truncate, fails_descriptor, fd, (int fd, __off64_t size), (fd, size))
PASS(int, rename, percept_rename, fails_path, to, (const char *from, const char *to), (from, to))
PASS(int, renameat, percept_rename, fails_path, to, (int folder, const char *from, int other, const char *to),
     (folder, from, other, to))

static int needs_mode(int flags) { return (flags & OPEN_CREATES) || (flags & OPEN_UNNAMED) == OPEN_UNNAMED; }

static int fails_open(const char *path, int flags) {
    return (flags & (OPEN_WRITES | OPEN_CREATES)) && fails_path(percept_open, path);
}

#define OPEN(name, parameters, arguments)                                                                              \
    extern int name parameters;                                                                                        \
    static void *name##_real;                                                                                          \
    __attribute__((visibility("default"))) int name parameters {                                                       \
        mode_t mode = 0;                                                                                               \
        if (needs_mode(flags)) {                                                                                       \
            va_list list;                                                                                              \
            va_start(list, flags);                                                                                     \
            mode = va_arg(list, mode_t);                                                                               \
            va_end(list);                                                                                              \
        }                                                                                                              \
        return fails_open(path, flags) ? -1 : real(name) arguments;                                                    \
    }

OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode))
OPEN(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode))

// MARK: The wall clock

static void shift(struct timespec *time) {
    int64_t added = points ? __atomic_load_n(&points->clock_shift, __ATOMIC_RELAXED) : 0;
    if (!added || !time) return;
    int64_t sum = time->tv_sec * 1000000000LL + time->tv_nsec + added;
    time->tv_sec = sum / 1000000000LL;
    time->tv_nsec = sum % 1000000000LL;
}

static void *clock_gettime_real;
__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = real(clock_gettime)(clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) shift(time);
    return result;
}

__attribute__((visibility("default"))) int gettimeofday(struct timeval *restrict value, void *restrict zone) {
    (void)zone;
    struct timespec time;
    if (clock_gettime(CLOCK_REALTIME, &time) != 0) return -1;
    *value = (struct timeval){time.tv_sec, time.tv_nsec / 1000};
    return 0;
}

__attribute__((visibility("default"))) time_t time(time_t *result) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
