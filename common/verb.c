/*
 * verb: the tables of schemas/wire.def: a record for each verb and each part of one, and what is
 * read from them. The talk itself is in wire.c (peers) and broker/peer.c.
 */
#include "common/wire.h"

/* clang-format off */
/* A field of struct `self`: the function around it says which struct that is. Words and codes
 * may be empty. */
#define INT(member, least, greatest, meaning) \
        { #member, sizeof #member - 1, FIELD_INT, offsetof(self, member), least, greatest, NULL, meaning },
#define CODE(member, most, meaning) \
        { #member, sizeof #member - 1, FIELD_CODE, offsetof(self, member), 0, most, NULL, meaning },
#define WORDS(member, most, meaning) \
        { #member, sizeof #member - 1, FIELD_TEXT, offsetof(self, member), 0, most, NULL, meaning },
#define BYTES(member, most, meaning) \
        { #member, sizeof #member - 1, FIELD_BYTES, offsetof(self, member), 0, most, NULL, meaning },
#define LIST(member, most, items, meaning) \
        { #member, sizeof #member - 1, FIELD_LIST, offsetof(self, member), 0, most, record_##items, meaning },
#define RECORD(type, meaning, ...)                                                                  \
        static const struct record *record_##type(void)                                             \
        {                                                                                           \
                typedef struct type self;                                                           \
                static const struct field fields[] = { __VA_ARGS__ };                               \
                static const struct record record = { #type, meaning, sizeof(self),                 \
                        sizeof fields / sizeof fields[0], fields };                                 \
                return &record;                                                                     \
        }
#define VERB(number, NAME, type, direction, meaning, members) RECORD(type, meaning, members)
#include "schemas/wire.def"
#undef VERB
#undef RECORD
#undef LIST
#undef BYTES
#undef WORDS
#undef CODE
#undef INT
/* clang-format on */

static const struct verb_row {
        const char *name, *direction, *meaning;
        const struct record *(*record)(void);
} verbs[VERB_count] = {
#define RECORD(type, meaning, members)
#define VERB(number, NAME, type, direction, meaning, members)                                      \
        [number] = { #NAME, direction, meaning, record_##type },
#include "schemas/wire.def"
#undef VERB
#undef RECORD
};

/* The row of a verb; a row without a name for what is none. */
static const struct verb_row *row_of(enum verb verb)
{
        size_t number = (size_t)verb;
        return &verbs[number < VERB_count ? number : VERB_none];
}

const struct record *verb_record(enum verb verb)
{
        return row_of(verb)->record ? row_of(verb)->record() : NULL;
}

const char *verb_name(enum verb verb)
{
        return row_of(verb)->name ? row_of(verb)->name : "unknown";
}

const char *verb_direction(enum verb verb)
{
        return row_of(verb)->direction ? row_of(verb)->direction : "";
}

const char *verb_meaning(enum verb verb)
{
        return row_of(verb)->meaning ? row_of(verb)->meaning : "";
}

enum verb verb_named(struct text name)
{
        for (size_t number = 1; number < VERB_count; number++)
                if (text_equal(text_of(verbs[number].name), name))
                        return (enum verb)number;
        return VERB_none;
}
