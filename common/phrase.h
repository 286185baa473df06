/*
 * phrase: every sentence that a letter (mail/texts.def) or a page (pages.def) says, in bokmål,
 * nynorsk and English, with named places: "{day}". A test holds that each has all three, the same
 * places in each, and that nynorsk differs from bokmål unless said.
 */
#pragma once

#include "common/arena.h"
#include "common/day.h"

enum phrase {
#define PHRASE(name, nb, nn, en) PHRASE_##name,
#define SAME(name, both, en)     PHRASE_##name,
#include "common/mail/texts.def"
#include "common/pages.def"
#undef PHRASE
#undef SAME
        PHRASE_count
};

/* What goes into a place. */
struct place {
        const char *name;
        struct text value;
};

/* The phrase with its places filled; places ends with a NULL name and may be NULL. */
struct text phrase(struct arena *arena, enum language language, enum phrase phrase,
                   const struct place *places);

/* A number in words: "fem". */
struct text phrase_number(struct arena *arena, enum language language, int64_t number);

/* The phrase as written, for tests and for what has no places. */
struct text phrase_raw(enum language language, enum phrase phrase);
const char *phrase_name(enum phrase phrase);
bool phrase_is_same(enum phrase phrase); /* nynorsk is written as bokmål, and that is right */
