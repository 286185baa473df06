/*
 * address: a peer's address in the broker's ROUTER: bytes that the socket gave it, worth nothing
 * elsewhere.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
        ADDRESS_MOST = 255,
        WHO_MOST = 128, /* letters of who a peer is (clients.h), with the NUL */
};

struct address {
        uint8_t size;
        char bytes[ADDRESS_MOST];
};

static inline bool address_equal(const struct address *a, const struct address *b)
{
        return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}
