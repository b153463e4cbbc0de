#pragma once
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/statfs.h>

/// Names the calling thread (at most 15 characters), as `ps -L` and `perf` show it.
void percept_thread_name(const char *name);

/// Gives the calling thread a nice value from -20 to 19; returns 0, or an errno where that is not allowed.
int percept_thread_nice(int nice);

/// Has standard output written line by line, also to a file or a pipe.
void percept_line_buffer_output(void);

/// Whether the kernel's clock follows another that is right, such as a time server.
int percept_clock_is_synchronized(void);
