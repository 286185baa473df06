/*
 * buffer: bytes that grow by doubling. Out of memory panics; callers bound what they add.
 */
#pragma once

#include <stddef.h>
#include <string.h>

/* A growing byte buffer; .at may be NULL. Clear with buffer_clear. */
struct buffer {
        char *at;
        size_t size, capacity;
};
void buffer_clear(struct buffer *buffer);

/* Makes room for at least size bytes more. */
void buffer_grow(struct buffer *buffer, size_t size);

static inline void buffer_add(struct buffer *buffer, const void *bytes, size_t size)
{
        if (buffer->capacity - buffer->size < size) {
                buffer_grow(buffer, size);
        }
        if (size > 0) {
                memcpy(buffer->at + buffer->size, bytes, size);
                buffer->size += size;
        }
}
