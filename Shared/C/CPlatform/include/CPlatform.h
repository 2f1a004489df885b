#pragma once
// What Swift's Glibc module does not import, and the CRC-32C instruction. The only C code of Marquee.
#include <stddef.h>
#include <stdint.h>

/// Names the calling thread (at most 15 bytes are kept).
void platform_set_thread_name(const char *name);
