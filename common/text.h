/*
 * text: bytes with their length. A struct text borrows; whoever made the bytes keeps them alive.
 * Most texts live in an arena (arena.h) or in a literal. A text with .at == NULL is "no text" (SQL
 * NULL).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
        const char *at;
        size_t size; /* bytes, without any final NUL */
};

struct int_array {
        const int64_t *at;
        size_t count;
};

struct text_array {
        const struct text *at;
        size_t count;
};

/* A text from a string literal. */
#define TEXT(literal) ((struct text){ "" literal, sizeof(literal) - 1 })

/* For printf: "%.*s" with TEXT_ARGS(t). */
#define TEXT_ARGS(t) (int)(t).size, (t).at ? (t).at : ""

/* The text of a NUL-terminated string; NULL gives no text. */
struct text text_of(const char *string);

static inline bool text_equal(struct text a, struct text b)
{
        return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

/* Less than, equal to or greater than 0, by bytes. */
int text_compare(struct text a, struct text b);

bool text_starts(struct text whole, struct text prefix);

/* Without spaces, tabs and line ends at either end. */
struct text text_trim(struct text t);

/*
 * Cuts *rest at the first separator: returns what stands before it and leaves what follows.
 * Without a separator returns all and leaves no text (.at == NULL).
 */
struct text text_cut(struct text *rest, char separator);

/* The whole text as a decimal number, sign allowed. False if it is anything else or does not
 * fit. */
bool text_to_int(struct text t, int64_t *value);

/* Whether it is well-formed UTF-8 without NUL. */
bool text_is_utf8(struct text t);

/* Whether it is a code: letters, digits and - . / _ (events.def). The empty text is not. */
bool text_is_code(struct text t);
