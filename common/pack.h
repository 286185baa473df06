/*
 * pack: msgpack-c's packer, made anew from its template so that it writes into our buffer in line:
 * pack_int64(buffer, n), pack_map(buffer, n), pack_str(buffer, size), and so on. Source: msgpack-c,
 * pack_template.h.
 */
#pragma once

#include "common/codec.h"
#include <msgpack.h>

/* clang-format off */
#define msgpack_pack_user struct buffer *
#define msgpack_pack_inline_func(name) static inline void pack##name
#define msgpack_pack_inline_func_cint(name) static inline void pack##name
#define msgpack_pack_inline_func_fixint(name) static inline void pack_fix##name
#define msgpack_pack_append_buffer(buffer, bytes, size) buffer_add(buffer, bytes, size)
#include <msgpack/pack_template.h>
/* clang-format on */

/* A string, such as a field's name. */
static inline void pack_text(struct buffer *buffer, const char *at, size_t size)
{
        pack_str(buffer, size);
        buffer_add(buffer, at, size);
}
