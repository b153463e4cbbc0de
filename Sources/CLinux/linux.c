#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

void percept_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }

void percept_line_buffer_output(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

int percept_thread_nice(int nice) {
    // On Linux a nice value belongs to a thread.
    return setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), nice) == 0 ? 0 : errno;
}

int percept_clock_is_synchronized(void) {
    struct timex state = {0};
    int result = adjtimex(&state);
    return result >= 0 && result != TIME_ERROR;
}
