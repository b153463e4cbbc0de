#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

void percept_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }

int percept_thread_nice(int nice) {
    // On Linux a nice value belongs to a thread.
    return setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), nice) == 0 ? 0 : errno;
}
