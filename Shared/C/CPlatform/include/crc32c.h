#pragma once
#include <stddef.h>
#include <stdint.h>

/// The CRC-32C (Castagnoli, RFC 3720) of `length` bytes, continued from `crc`; start with 0. Uses the processor's
/// instruction where there is one (x86-64 SSE 4.2, arm64 CRC), else a table. Safe on any thread.
uint32_t platform_crc32c(uint32_t crc, const void *data, size_t length);

/// The same by table, whatever the processor offers: what the others are tested against.
uint32_t platform_crc32c_table(uint32_t crc, const void *data, size_t length);
