/*
 * random: a seeded generator, so that a failure can be run again, and records filled with values of
 * its choice.
 */
#pragma once

#include "common/codec.h"

struct random {
        uint64_t state; /* the seed */
};

/* 64 random bits (splitmix64). */
uint64_t random_bits(struct random *random);

/* A whole number, least and most included. */
int64_t random_within(struct random *random, int64_t least, int64_t most);

/* Which values a record is filled with: the least and the most its bounds allow, or any. */
enum extent { EXTENT_LEAST, EXTENT_MOST, EXTENT_ANY };

/* Fills a value within its bounds. Of a list of the most items only the last is filled to the
 * most. */
void random_fill(struct random *random, const struct record *record, enum extent extent,
                 void *value, struct arena *arena);

/* Whether two values of a record are the same in every field. */
bool random_same(const struct record *record, const void *a, const void *b);
