#pragma once
// What Swift's Glibc module does not import, and the CRC-32C instruction. The only C code of Marquee.
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include "crc32c.h"

/// Names the calling thread (at most 15 bytes are kept).
void platform_set_thread_name(const char *name);

/// A pointer that belongs to the calling thread; NULL until set.
void *platform_thread_value(void);
void platform_set_thread_value(void *value);

/// accept4 with SOCK_NONBLOCK and SOCK_CLOEXEC; `address` has room for a sockaddr_storage.
int platform_accept(int descriptor, void *address, unsigned int *length);

/// From now on SIGTERM and SIGINT write their number, as one byte, to the pipe whose read end is returned; -1 and errno
/// on failure. Call once.
int platform_watch_termination(void);

/// Keeps memory bounded: blocks of 1 MiB and more go back to the system when freed, and threads share two arenas.
void platform_tune_allocator(void);

/// Writes everything of the file system that a descriptor is on to its disk (syncfs); -1 and errno on failure.
int platform_sync_file_system(int descriptor);

/// Lets two paths change places in one step (renameat2, RENAME_EXCHANGE); -1 and errno on failure.
int platform_exchange(const char *first, const char *second);

/// Gives a range of a file back to the disk, without a change of its size (fallocate); -1 and errno on failure.
int platform_punch_hole(int descriptor, int64_t offset, int64_t length);

/// Gives freed memory that the allocator holds back to the system; takes its locks for some milliseconds at most.
void platform_release_memory(void);

/// fork(2), which Swift does not import: 0 in the child. Only where the process has one thread.
int platform_fork(void);

/// From now on the calling thread, and what it starts, makes only the system calls that the classic BPF program of `count`
/// 8-byte instructions lets through; it can gain no privileges any more. 0, or -1 and errno.
int platform_filter_system_calls(const void *program, unsigned short count);

/// Makes the process invisible to tracing by its equals: nobody reads its memory or descriptors. 0, or -1 and errno.
int platform_forbid_tracing(void);
