/*
 * source: where a request comes from, as far as it is to be counted (limit.h): the browser's
 * address, or the network of one that can choose among many.
 */
#pragma once

#include "common/arena.h"
#include <sys/socket.h>

/* Of IPv4 the address, of IPv6 its first half. A peer on this machine is a proxy, and the last of
 * what it says that it forwards counts (X-Forwarded-For). No text: it says nothing that is an
 * address, so nobody knows. */
struct text source_of(struct arena *arena, const struct sockaddr *peer, struct text forwarded);
