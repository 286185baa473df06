/*
 * close: in one transaction all boxes are opened, their answers torn apart, shuffled, written plain
 * and counted, and the boxes deleted. Below the threshold nothing is opened: the boxes wait until,
 * with those of the network's other closed evaluations (of sessions, or of follow-ups), they are of
 * as many persons as the threshold, and are then opened together, as one tally. Answers that were
 * never sealed are counted here once more: one may have come whose event is still to be handled.
 * After this a tally does not change.
 */
#include "workers/evaluation/close.h"

#include "common/ballot.h"
#include "common/day.h"
#include "common/instance.h"
#include "common/log.h"
#include "common/worker.h"
#include "workers/evaluation/answers.h"
#include <sodium.h>

/* Evaluations whose boxes are opened together. */
struct pool {
        const struct boxes_waiting *row;
        struct text *ids;
        size_t count;
        int64_t threshold;
};

static struct text expiry_name(struct tx *tx, struct text evaluation)
{
        return arena_printf(tx_arena(tx), "expiry %.*s", TEXT_ARGS(evaluation));
}

/* Which boxes to open now: the evaluation's own if they are enough, each of another person; else
 * with those that wait, if enough persons answered; else none. */
static struct pool find_pool(struct tx *tx, struct text evaluation, const struct evaluation_of *e)
{
        const struct boxes_waiting_rows rows =
                boxes_waiting(tx, evaluation, e->network, e->follow_up);
        struct pool pool = { .row = rows.row };
        struct respondents_of all;
        pool.ids = arena_array(tx_arena(tx), rows.count, sizeof *pool.ids);
        for (size_t i = 0; i < rows.count; i++) {
                pool.ids[pool.count++] = rows.row[i].evaluation;
                if (rows.row[i].threshold > pool.threshold)
                        pool.threshold = rows.row[i].threshold;
                if (i == 0 && text_equal(rows.row[i].evaluation, evaluation) &&
                    rows.row[i].boxes >= pool.threshold)
                        return pool;
        }
        if (!respondents_of(tx, (struct text_array){ pool.ids, pool.count }, &all) ||
            all.persons < pool.threshold)
                return (struct pool){ 0 };
        return pool;
}

/* The keys of each evaluation; false: the master key is not the one they were opened with. */
static bool find_keys(struct tx *tx, const struct pool *pool, struct ballot_keys *keys)
{
        struct instance *instance = worker_of(tx)->own;
        for (size_t i = 0; i < pool->count; i++) {
                const struct text known = pool->row[i].public_key;
                ballot_keys(instance_master_key(instance), pool->row[i].evaluation, &keys[i]);
                if (known.size != BALLOT_KEY ||
                    sodium_memcmp(known.at, keys[i].public_key, BALLOT_KEY) != 0)
                        return false;
        }
        return true;
}

/* Opens one box with the keys of its evaluation. */
static struct text open_box(struct tx *tx, const struct pool *pool, const struct ballot_keys *keys,
                            const struct boxes_of *box)
{
        for (size_t i = 0; i < pool->count; i++)
                if (text_equal(pool->ids[i], box->evaluation))
                        return ballot_open(tx_arena(tx), &keys[i], box->sealed);
        return (struct text){ 0 };
}

/* Opens all boxes of the pool. Those that hold no answer are told by number alone. */
static void take_boxes(struct tx *tx, const struct pool *pool, const struct ballot_keys *keys,
                       struct answers *answers)
{
        const struct text_array ids = { pool->ids, pool->count };
        const struct boxes_of_rows boxes = boxes_of(tx, ids);
        const struct items_of_rows items = items_of(tx, ids, pool->threshold);
        size_t spoilt = 0;
        answers_init(answers, tx, boxes.count, &items);
        for (size_t i = 0; i < boxes.count; i++) {
                const struct text whole = open_box(tx, pool, keys, &boxes.row[i]);
                spoilt += !answers_take(answers, tx, &items, boxes.row[i].evaluation, whole);
        }
        if (spoilt > 0)
                log_warning("%.*s: %zu of %zu boxes held no answer", TEXT_ARGS(pool->ids[0]),
                            spoilt, boxes.count);
}

/* What is kept of it goes on that day. */
static void let_expire(struct tx *tx, struct text evaluation, int32_t day)
{
        timer_evaluation_expiry_due(tx, expiry_name(tx, evaluation), day_time(day, 0, 0), DB_NULL,
                                    &(struct evaluation_expiry_due){ evaluation });
}

/* The results are whole. The words that came with them are kept for as long as the settings say. */
static void set_tally(struct tx *tx, struct text_array evaluations, struct text tally)
{
        const int32_t days = (int32_t)worker_of(tx)->service->conf.evaluation_words;
        tally_set(tx, evaluations, tally);
        for (size_t i = 0; i < evaluations.count; i++)
                tx_timer_drop(tx, expiry_name(tx, evaluations.at[i]));
        let_expire(tx, tally, day_at(tx_now(tx), NULL, NULL) + days);
}

/* Opens, shuffles, writes, counts and deletes; the results stand under the closing evaluation. */
static enum status open_pool(struct tx *tx, const struct pool *pool, struct text tally)
{
        const struct text_array ids = { pool->ids, pool->count };
        struct answers answers;
        struct ballot_keys *keys = arena_array(tx_arena(tx), pool->count, sizeof *keys);
        const bool good = find_keys(tx, pool, keys);
        if (good)
                take_boxes(tx, pool, keys, &answers);
        sodium_memzero(keys, pool->count * sizeof *keys);
        if (!good)
                return tx_reject(tx,
                                 "%.*s: master.key is not the one its answers were sealed for; put "
                                 "it back, then "
                                 "padriver parked retry",
                                 TEXT_ARGS(tally));
        answers_shuffle(&answers);
        answers_write(&answers, tx, tally);
        answers_count(&answers, tx, tally);
        set_tally(tx, ids, tally);
        boxes_drop(tx, ids);
        return DONE;
}

/* Too few to be opened: they wait, at the longest until the year is over. */
static void let_wait(struct tx *tx, struct text evaluation)
{
        int year, month, date;
        day_split(day_at(tx_now(tx), NULL, NULL), &year, &month, &date);
        let_expire(tx, evaluation, day_of(year + 1, 1, 1));
}

/* evaluation_closing_due: if it is still open and its time has come. */
enum status close_evaluation(struct tx *tx, const struct evaluation_closing_due *event)
{
        const struct text id = event->evaluation;
        struct evaluation_of row;
        enum status status = DONE;
        network_lock(tx, id);
        if (!evaluation_of(tx, id, &row))
                return tx_reject(tx, "there is no evaluation %.*s", TEXT_ARGS(id));
        if (!text_equal(row.state, TEXT("open")))
                return DONE;
        if (tx_now(tx) < row.closes_at) {
                timer_evaluation_closing_due(
                        tx, arena_printf(tx_arena(tx), "closing %.*s", TEXT_ARGS(id)),
                        row.closes_at, DB_NULL, event);
                return DONE;
        }
        tx_wait_for_disk(tx); /* results are published once and stay what they were */
        evaluation_close(tx, id);
        if (text_equal(row.mode, TEXT("anonymous"))) {
                const struct pool pool = find_pool(tx, id, &row);
                if (pool.count > 0)
                        status = open_pool(tx, &pool, id);
                else
                        let_wait(tx, id);
        } else {
                submissions_count(tx, id);
                if (text_equal(row.mode, TEXT("municipality")) && !row.survey)
                        parts_count(tx, id);
                words_part(tx, id);
                set_tally(tx, (struct text_array){ &id, 1 }, id);
        }
        emit_evaluation_closed(tx, &(struct evaluation_closed){ id });
        return status;
}

/* evaluation_expiry_due: what was never opened is deleted unread, words are deleted in any case. */
enum status expire_evaluation(struct tx *tx, const struct evaluation_expiry_due *event)
{
        struct evaluation_of row;
        network_lock(tx, event->evaluation);
        if (evaluation_of(tx, event->evaluation, &row) && text_equal(row.state, TEXT("closed"))) {
                boxes_drop(tx, (struct text_array){ &event->evaluation, 1 });
                words_drop(tx, event->evaluation);
        }
        return DONE;
}
