#include "crc32c.h"
#include <pthread.h>
#include <string.h>

// The reflected Castagnoli polynomial.
static const uint32_t polynomial = 0x82f63b78u;

// Three streams hide the instruction's latency of three cycles: long blocks first, then short ones. The CRCs of the
// streams are joined by tables that append a block of zeros (Mark Adler's method).
enum { long_block = 8192, short_block = 256 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t byte_table[8][256];
static uint32_t long_table[4][256];
static uint32_t short_table[4][256];

static uint32_t matrix_times(const uint32_t *matrix, uint32_t vector) {
    uint32_t sum = 0;
    for (; vector; vector >>= 1, matrix++)
        if (vector & 1) sum ^= *matrix;
    return sum;
}

// Fills `table` with the operator that appends `length` zero bytes; `length` is a power of two.
static void make_zeros_table(uint32_t table[4][256], size_t length) {
    uint32_t matrix[32], square[32];
    matrix[0] = polynomial;
    for (int n = 1; n < 32; n++) matrix[n] = 1u << (n - 1);
    for (size_t bits = 1; bits < length * 8; bits *= 2) {
        for (int n = 0; n < 32; n++) square[n] = matrix_times(matrix, matrix[n]);
        memcpy(matrix, square, sizeof matrix);
    }
    for (int lane = 0; lane < 4; lane++)
        for (uint32_t n = 0; n < 256; n++) table[lane][n] = matrix_times(matrix, n << (8 * lane));
}

static void make_tables(void) {
    for (uint32_t n = 0; n < 256; n++) {
        uint32_t crc = n;
        for (int k = 0; k < 8; k++) crc = crc & 1 ? (crc >> 1) ^ polynomial : crc >> 1;
        byte_table[0][n] = crc;
    }
    for (uint32_t n = 0; n < 256; n++)
        for (int k = 1; k < 8; k++)
            byte_table[k][n] = (byte_table[k - 1][n] >> 8) ^ byte_table[0][byte_table[k - 1][n] & 0xff];
    make_zeros_table(long_table, long_block);
    make_zeros_table(short_table, short_block);
}

static uint64_t load(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

uint32_t platform_crc32c_table(uint32_t crc, const void *data, size_t length) {
    pthread_once(&once, make_tables);
    const uint8_t *p = data;
    uint64_t state = crc ^ 0xffffffffu;
    for (; length >= 8; p += 8, length -= 8) {
        uint64_t w = state ^ load(p);
        state = byte_table[7][w & 0xff] ^ byte_table[6][w >> 8 & 0xff] ^ byte_table[5][w >> 16 & 0xff]
              ^ byte_table[4][w >> 24 & 0xff] ^ byte_table[3][w >> 32 & 0xff] ^ byte_table[2][w >> 40 & 0xff]
              ^ byte_table[1][w >> 48 & 0xff] ^ byte_table[0][w >> 56];
    }
    for (; length; p++, length--) state = byte_table[0][(state ^ *p) & 0xff] ^ (state >> 8);
    return (uint32_t)state ^ 0xffffffffu;
}

#if defined(__x86_64__)
#include <immintrin.h>
#define CRC_TARGET __attribute__((target("sse4.2")))
#define CRC_BYTE(crc, byte) _mm_crc32_u8((uint32_t)(crc), byte)
#define CRC_WORD(crc, word) _mm_crc32_u64(crc, word)
static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#define CRC_TARGET __attribute__((target("+crc")))
#define CRC_BYTE(crc, byte) __crc32cb((uint32_t)(crc), byte)
#define CRC_WORD(crc, word) __crc32cd((uint32_t)(crc), word)
static int has_instruction(void) { return (getauxval(AT_HWCAP) & (1UL << 7)) != 0; }  // HWCAP_CRC32
#endif

#ifdef CRC_TARGET
static uint32_t append_zeros(uint32_t table[4][256], uint32_t crc) {
    return table[0][crc & 0xff] ^ table[1][crc >> 8 & 0xff] ^ table[2][crc >> 16 & 0xff] ^ table[3][crc >> 24];
}

CRC_TARGET static uint32_t three_streams(uint32_t crc, const uint8_t *p, size_t block, uint32_t table[4][256]) {
    uint64_t a = crc, b = 0, c = 0;
    for (const uint8_t *end = p + block; p < end; p += 8) {
        a = CRC_WORD(a, load(p));
        b = CRC_WORD(b, load(p + block));
        c = CRC_WORD(c, load(p + 2 * block));
    }
    a = append_zeros(table, (uint32_t)a) ^ b;
    return append_zeros(table, (uint32_t)a) ^ (uint32_t)c;
}

CRC_TARGET static uint32_t by_instruction(uint32_t crc, const uint8_t *p, size_t length) {
    uint64_t state = crc ^ 0xffffffffu;
    for (; length >= 3 * long_block; p += 3 * long_block, length -= 3 * long_block)
        state = three_streams((uint32_t)state, p, long_block, long_table);
    for (; length >= 3 * short_block; p += 3 * short_block, length -= 3 * short_block)
        state = three_streams((uint32_t)state, p, short_block, short_table);
    for (; length >= 8; p += 8, length -= 8) state = CRC_WORD(state, load(p));
    for (; length; p++, length--) state = CRC_BYTE(state, *p);
    return (uint32_t)state ^ 0xffffffffu;
}
#endif

uint32_t platform_crc32c(uint32_t crc, const void *data, size_t length) {
#ifdef CRC_TARGET
    pthread_once(&once, make_tables);
    if (has_instruction()) return by_instruction(crc, data, length);
#endif
    return platform_crc32c_table(crc, data, length);
}
