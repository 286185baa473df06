/*
 * answers: tolerant of what a box may hold, since the store could not check it when it came.
 */
#include "workers/evaluation/answers.h"

#include "common/ballot.h"
#include <jansson.h>
#include <sodium.h>

void answers_init(struct answers *answers, struct tx *tx, size_t most,
                  const struct items_of_rows *items)
{
        answers->count = 0;
        answers->capacity = most * items->count;
        answers->row = arena_array(tx_arena(tx), answers->capacity, sizeof *answers->row);
}

/* One answer to one item, if it is what the item asks for. */
static void take(struct answers *answers, struct tx *tx, const struct items_of *item,
                 const json_t *given)
{
        struct answer answer = { .question = item->question,
                                 .goal = item->goal,
                                 .version = item->version,
                                 .value = DB_NULL };
        if (text_equal(item->kind, TEXT("scale"))) {
                answer.value = json_integer_value(given);
                if (!json_is_integer(given) || answer.value < 0 || answer.value > 5)
                        return;
        } else {
                const struct text words = { json_string_value(given), json_string_length(given) };
                if (words.size == 0 || words.size > BALLOT_WORDS)
                        return;
                answer.words = arena_copy(tx_arena(tx), words);
        }
        answers->row[answers->count++] = answer;
}

bool answers_take(struct answers *answers, struct tx *tx, const struct items_of_rows *items,
                  struct text evaluation, struct text whole)
{
        json_t *object =
                json_loadb(whole.at ? whole.at : "", whole.size, JSON_REJECT_DUPLICATES, NULL);
        const bool good = json_is_object(object);
        for (size_t i = 0; good && i < items->count && answers->count < answers->capacity; i++) {
                const struct items_of *item = &items->row[i];
                if (text_equal(item->evaluation, evaluation))
                        take(answers, tx, item,
                             json_object_get(object, arena_string(tx_arena(tx), item->name)));
        }
        json_decref(object);
        return good;
}

/* Fisher and Yates; randombytes_uniform has no bias. */
void answers_shuffle(struct answers *answers)
{
        for (size_t i = answers->count; i > 1; i--) {
                const size_t other = randombytes_uniform((uint32_t)i);
                const struct answer last = answers->row[i - 1];
                answers->row[i - 1] = answers->row[other];
                answers->row[other] = last;
        }
}

/* The answers as columns of a statement. */
struct columns {
        struct text_array questions, goals, words;
        struct int_array versions, values;
};

/* Turns rows into columns. */
static struct columns turn(const struct answers *answers, struct tx *tx)
{
        const size_t count = answers->count;
        struct text *questions = arena_array(tx_arena(tx), count, sizeof *questions);
        struct text *goals = arena_array(tx_arena(tx), count, sizeof *goals);
        struct text *words = arena_array(tx_arena(tx), count, sizeof *words);
        int64_t *versions = arena_array(tx_arena(tx), count, sizeof *versions);
        int64_t *values = arena_array(tx_arena(tx), count, sizeof *values);
        for (size_t i = 0; i < count; i++) {
                const struct answer *answer = &answers->row[i];
                questions[i] = answer->question;
                goals[i] = answer->goal;
                words[i] = answer->words;
                versions[i] = answer->version;
                values[i] = answer->value;
        }
        return (struct columns){ { questions, count },
                                 { goals, count },
                                 { words, count },
                                 { versions, count },
                                 { values, count } };
}

void answers_write(const struct answers *answers, struct tx *tx, struct text tally)
{
        const struct columns c = turn(answers, tx);
        answers_add(tx, tally, c.questions, c.versions, c.goals, c.values, c.words);
}

void answers_count(const struct answers *answers, struct tx *tx, struct text tally)
{
        const struct columns c = turn(answers, tx);
        results_add(tx, tally, c.questions, c.versions, c.goals, c.values);
}
