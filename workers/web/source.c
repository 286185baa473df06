/*
 * source: addresses as bytes. What a peer elsewhere says of itself is not believed.
 */
#include "workers/web/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>

enum { FOUR = 4, HALF = 8 }; /* bytes */

/* The part of an address that tells its owner from others: four bytes, or eight. */
static struct text find_part(struct arena *arena, int family, const void *address)
{
        const struct in6_addr *six = address;
        if (family == AF_INET)
                return arena_copy(arena, (struct text){ address, FOUR });
        if (IN6_IS_ADDR_V4MAPPED(six))
                return arena_copy(arena, (struct text){ (const char *)six->s6_addr + 12, FOUR });
        return arena_copy(arena, (struct text){ address, HALF });
}

/* The part of an address in words. No text: it is none. */
static struct text read_part(struct arena *arena, struct text words)
{
        const char *string = arena_string(arena, words);
        struct in_addr four;
        struct in6_addr six;
        if (inet_pton(AF_INET, string, &four) == 1)
                return find_part(arena, AF_INET, &four);
        if (inet_pton(AF_INET6, string, &six) == 1)
                return find_part(arena, AF_INET6, &six);
        return (struct text){ 0 };
}

struct text source_of(struct arena *arena, const struct sockaddr *peer, struct text forwarded)
{
        const bool four = peer->sa_family == AF_INET;
        const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
        const struct text part =
                four ? find_part(arena, AF_INET,
                                 &((const struct sockaddr_in *)(const void *)peer)->sin_addr)
                     : find_part(arena, AF_INET6, six);
        if (part.size == FOUR ? part.at[0] != 127 : !IN6_IS_ADDR_LOOPBACK(six))
                return part;
        struct text last = { 0 };
        while (forwarded.at)
                last = text_trim(text_cut(&forwarded, ','));
        return read_part(arena, last);
}
