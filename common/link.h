/*
 * link: the personal links in letters. A link ends in "INVITATION.HMAC": the HMAC is made with a
 * key outside the store (instance.h), so no table, log or dump holds a link that works; whoever
 * holds the key checks it before the store is asked.
 */
#pragma once

#include "common/arena.h"
#include "common/day.h"

/* The link to the page in that language: "…?lang=nn". What reads links passes over it. */
struct text link_in(struct arena *arena, struct text url, enum language language);

/* "BASE/e/INVITATION.HMAC", where the evaluation's form is. base: the setting mail.link. */
struct text link_url(struct arena *arena, const unsigned char *key, struct text base,
                     int64_t invitation);

/* The invitation of a whole link or of its last part. False: it was not made with this key. */
bool link_read(const unsigned char *key, struct text link, int64_t *invitation);

/* "BASE/sign-in/NUMBER.HMAC", where staff sign in once, and back. */
struct text link_sign_in_url(struct arena *arena, const unsigned char *key, struct text base,
                             int64_t number);
bool link_sign_in_read(const unsigned char *key, struct text link, int64_t *number);

/* "BASE/held/MEETING.PERSON.HMAC", where who runs a session says what became of it, and back. */
struct text link_held_url(struct arena *arena, const unsigned char *key, struct text base,
                          struct text meeting, int64_t person);
bool link_held_read(const unsigned char *key, struct text link, struct text *meeting,
                    int64_t *person);

/* "BASE/u/PERSON.HMAC", where one unsubscribes from newsletters (a GET changes nothing there),
 * and back. */
struct text link_unsubscribe_url(struct arena *arena, const unsigned char *key, struct text base,
                                 int64_t person);
bool link_unsubscribe_read(const unsigned char *key, struct text link, int64_t *person);
