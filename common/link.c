/*
 * link: HMAC-SHA-512-256 (libsodium's crypto_auth) over what the link is for and its number, cut to
 * 128 bits.
 */
#include "common/link.h"

#include "common/instance.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

_Static_assert(crypto_auth_KEYBYTES == INSTANCE_KEY_SIZE, "the instance's keys fit the HMAC");

enum { MAC_SIZE = 16, MAC_TEXT_SIZE = 23 };

/* The HMAC of what the link is for ("evaluation") and its number, as text with its NUL. */
static void write_mac(const unsigned char *key, const char *purpose, int64_t number,
                      char mac[MAC_TEXT_SIZE])
{
        unsigned char whole[crypto_auth_BYTES];
        char about[60];
        int size = snprintf(about, sizeof about, "%s/%" PRId64, purpose, number);
        crypto_auth(whole, (const unsigned char *)about, (unsigned long long)size, key);
        sodium_bin2base64(mac, MAC_TEXT_SIZE, whole, MAC_SIZE,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

struct text link_url(struct arena *arena, const unsigned char *key, struct text base,
                     int64_t invitation)
{
        char mac[MAC_TEXT_SIZE];
        write_mac(key, "evaluation", invitation, mac);
        return arena_printf(arena, "%.*s/e/%" PRId64 ".%s", TEXT_ARGS(base), invitation, mac);
}

struct text link_unsubscribe_url(struct arena *arena, const unsigned char *key, struct text base,
                                 int64_t person)
{
        char mac[MAC_TEXT_SIZE];
        write_mac(key, "newsletter", person, mac);
        return arena_printf(arena, "%.*s/u/%" PRId64 ".%s", TEXT_ARGS(base), person, mac);
}

struct text link_sign_in_url(struct arena *arena, const unsigned char *key, struct text base,
                             int64_t number)
{
        char mac[MAC_TEXT_SIZE];
        write_mac(key, "sign-in", number, mac);
        return arena_printf(arena, "%.*s/sign-in/%" PRId64 ".%s", TEXT_ARGS(base), number, mac);
}

/* What follows the last slash, without blanks at either end. */
static struct text last_part(struct text link)
{
        struct text rest = text_trim(link), part = rest;
        while (rest.at)
                part = text_cut(&rest, '/');
        return part;
}

/* Reads "NUMBER.HMAC" made for the purpose. */
static bool read_link(const unsigned char *key, const char *purpose, struct text link,
                      int64_t *number)
{
        char mac[MAC_TEXT_SIZE];
        struct text given = last_part(link);
        const struct text digits = text_cut(&given, '.');
        if (!text_to_int(digits, number) || *number <= 0 || given.size != MAC_TEXT_SIZE - 1)
                return false;
        write_mac(key, purpose, *number, mac);
        return sodium_memcmp(mac, given.at, given.size) == 0;
}

bool link_read(const unsigned char *key, struct text link, int64_t *invitation)
{
        return read_link(key, "evaluation", link, invitation);
}

bool link_unsubscribe_read(const unsigned char *key, struct text link, int64_t *person)
{
        return read_link(key, "newsletter", link, person);
}

bool link_sign_in_read(const unsigned char *key, struct text link, int64_t *number)
{
        return read_link(key, "sign-in", link, number);
}
