/*
 * answers: single answers, taken out of whole ones and torn apart: after answers_shuffle nothing
 * tells which of them one person gave. They live in the transaction's arena.
 */
#pragma once

#include "workers/evaluation/evaluation_sql.h"

/* One answer to one question: a value (0 is "don't know"), or words and no value (DB_NULL). */
struct answer {
        struct text question, goal, words;
        int64_t version, value;
};

struct answers {
        size_t count, capacity;
        struct answer *row;
};

/* Room for so many whole answers to the items. */
void answers_init(struct answers *answers, struct tx *tx, size_t most,
                  const struct items_of_rows *items);

/*
 * Takes what a whole answer (JSON, ballot.h) says of the evaluation's items; what is no answer to
 * an item is left out. False: it is no answer at all.
 */
bool answers_take(struct answers *answers, struct tx *tx, const struct items_of_rows *items,
                  struct text evaluation, struct text whole);

/* Every order is as likely as any other. */
void answers_shuffle(struct answers *answers);

/* Writes them as plain answers, in their order. */
void answers_write(const struct answers *answers, struct tx *tx, struct text tally);

/* Adds their values to the results. */
void answers_count(const struct answers *answers, struct tx *tx, struct text tally);
