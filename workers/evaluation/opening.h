/*
 * opening: makes an evaluation of a session, or its follow-up, with its questions and invitations,
 * and tells of it.
 */
#pragma once

#include "common/worker.h"

enum { OPENING_DAYS = 10 }; /* how long it takes answers */

/* What is to be opened. */
struct opening {
        struct text id, network;
        struct text follows; /* of a follow-up: the session's evaluation; else no text */
        int32_t day;         /* of the session: its network's goals of that day are asked about */
        struct int_array persons; /* who is asked */
};

/* Opens it, unless it is there. Rejects a network without goals. */
enum status opening_make(struct tx *tx, const struct opening *opening);

/* An invitation for each person. */
void opening_invite(struct tx *tx, struct text evaluation, struct int_array persons);

/* The public key that answers to the evaluation are sealed for; it lives in the arena. */
struct text opening_key(struct tx *tx, struct text evaluation);

/* A random number above 0: half of a link. */
int64_t opening_draw(void);
