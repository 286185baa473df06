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

enum { MAC_SIZE = 16, MAC_TEXT_SIZE = 23, PURPOSE_SIZE = 50, MEETING_MOST = 40 };

/* The HMAC of what the link is for ("evaluation") and its number, as text with its NUL. */
static void write_mac(const unsigned char *key, const char *purpose, int64_t number,
                      char mac[MAC_TEXT_SIZE])
{
        unsigned char whole[crypto_auth_BYTES];
        char about[PURPOSE_SIZE + 22];
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

/* What the link of a session is for; "" if the code is none. */
static void write_purpose(struct text meeting, char purpose[PURPOSE_SIZE])
{
        purpose[0] = '\0';
        if (meeting.size <= MEETING_MOST && text_is_code(meeting))
                snprintf(purpose, PURPOSE_SIZE, "held/%.*s", TEXT_ARGS(meeting));
}

struct text link_held_url(struct arena *arena, const unsigned char *key, struct text base,
                          struct text meeting, int64_t person)
{
        char purpose[PURPOSE_SIZE], mac[MAC_TEXT_SIZE];
        write_purpose(meeting, purpose);
        write_mac(key, purpose, person, mac);
        return arena_printf(arena, "%.*s/held/%.*s.%" PRId64 ".%s", TEXT_ARGS(base),
                            TEXT_ARGS(meeting), person, mac);
}

struct text link_in(struct arena *arena, struct text url, enum language language)
{
        return arena_printf(arena, "%.*s?lang=%.*s", TEXT_ARGS(url),
                            TEXT_ARGS(language_code(language)));
}

/* What follows the last slash, without blanks at either end and without a query. */
static struct text last_part(struct text link)
{
        struct text whole = text_trim(link), rest = text_cut(&whole, '?'), part = rest;
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

bool link_held_read(const unsigned char *key, struct text link, struct text *meeting,
                    int64_t *person)
{
        char purpose[PURPOSE_SIZE];
        struct text rest = last_part(link);
        *meeting = text_cut(&rest, '.');
        write_purpose(*meeting, purpose);
        return purpose[0] && read_link(key, purpose, rest, person);
}
