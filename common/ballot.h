/*
 * ballot: an answer sealed so that only the evaluation daemon can read it, after closing (design,
 * anonymous answers). An answer is a JSON object {"q1": 4, "q2": 0, "q12": "words"}; 0 is "don't
 * know". It is padded to one size and sealed with libsodium's crypto_box_seal to the evaluation's
 * public key. The secret key follows from the master key, which only the evaluation daemon holds,
 * and is kept nowhere.
 */
#pragma once

#include "common/arena.h"

#define BALLOT_SIZE   8192               /* an answer, padded */
#define BALLOT_SEALED (BALLOT_SIZE + 48) /* evaluation.box */
#define BALLOT_KEY    32
#define BALLOT_WORDS  2000 /* the most bytes of one free text */

struct ballot_keys {
        unsigned char public_key[BALLOT_KEY], secret_key[BALLOT_KEY];
};

/* The keys of an evaluation. Wipe them with sodium_memzero. */
void ballot_keys(const unsigned char *master, struct text evaluation, struct ballot_keys *keys);

/* The sealed answer; no text if it is too long or the key is none. */
struct text ballot_seal(struct arena *arena, struct text public_key, struct text answer);

/* The answer in a box; no text if it was not sealed with these keys. */
struct text ballot_open(struct arena *arena, const struct ballot_keys *keys, struct text box);
