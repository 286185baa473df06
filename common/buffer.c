/*
 * buffer: a block that is twice as large each time it is full.
 */
#include "common/buffer.h"

#include "common/log.h"
#include <stdint.h>
#include <stdlib.h>

void buffer_grow(struct buffer *buffer, size_t size)
{
        size_t capacity = buffer->capacity ? buffer->capacity : 256;
        while (capacity - buffer->size < size) {
                if (capacity > SIZE_MAX / 2)
                        panic("buffer: %zu bytes asked for", size);
                capacity *= 2;
        }
        char *at = realloc(buffer->at, capacity);
        if (!at)
                panic("out of memory");
        buffer->at = at;
        buffer->capacity = capacity;
}

/* Gives the memory back. */
void buffer_clear(struct buffer *buffer)
{
        free(buffer->at);
        *buffer = (struct buffer){ 0 };
}
