#pragma once
#include <zlib.h>
#include <zstd.h>
#include <lz4frame.h>
#include <snappy-c.h>

// zlib's initialisers are macros. 15 + 16: the largest window, in a gzip wrapper.
static inline int compression_gzip_deflate_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
static inline int compression_gzip_inflate_init(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
