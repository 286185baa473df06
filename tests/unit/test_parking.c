/*
 * Parking in a storm, without a store: the handling of batches (common/worker_batch.c) over a
 * model of the transactions and of the log's functions. Handlers reject, put off, fail at the
 * commit, or ask nothing of the store, so that their cursors are owed; the store goes away, before and after it has committed; two workers hold the same
 * partition, one of them without knowing better; a person retries and drops in between. Whatever
 * happens, an event has its effect once, after all earlier ones of its key or what became of them,
 * and bad events stop no other key; when the storm is over nothing is left parked.
 */
#include "common/log.h"
#include "common/worker_batch.h"
#include "common/worker_sql.h"
#include "tests/support/random.h"
#include "tests/support/seeds.h"
#include "tests/support/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 10000, STEPS = 120, PARTS = 3, KEYS = 6, EVENTS = 50, WORKERS = 2 };

/* What an event does to its handler until it is mended; a silent one has no effect, ever. */
enum temper { SOUND, REJECTED, REJECTED_LATE, MOODY, SILENT };

/* log.parked, by position. */
struct row {
        bool there, retry;
        int64_t waits; /* 0: it is the one */
};

struct store {
        int64_t cursor[PARTS];
        struct row parked[EVENTS + 1];
        bool done[EVENTS + 1], dropped[EVENTS + 1];
};

struct tx {
        struct store draft;
        bool failed, late, begun;
        enum tx_end end;
        char reason[100];
        struct arena *arena;
        int64_t cause;
        int64_t effects[EVENTS];
        size_t effect_count;
        union param kept[4]; /* of the fence that it begins with */
        db_done *done;       /* NULL: it is answered, or there is none */
        void *context;
        bool parked; /* its answer */
};

static struct world {
        struct random random;
        struct store store;
        int64_t head;
        struct text key[KEYS], body[KEYS];
        int event_key[EVENTS + 1];
        enum temper temper[EVENTS + 1];
        struct worker workers[WORKERS];
        struct batch batches[WORKERS];
        struct tx txs[WORKERS];
        struct hold holds[WORKERS][PARTS];
        struct arena *arena;
        bool calm;
        bool inside;    /* one thing happens within another */
        size_t at_work; /* the worker in whose work it happens */
        bool trouble;   /* the world was in somebody's way */
} world;

static void act(void);

static bool chance(int64_t times)
{
        return !world.calm && random_within(&world.random, 1, times) == 1;
}

static int64_t part_of(int64_t position)
{
        return world.event_key[position] % PARTS;
}

/* The first position parked of the key; 0: none. */
static int64_t first_parked(const struct store *store, int key)
{
        for (int64_t i = 1; i <= EVENTS; i++) {
                if (store->parked[i].there && world.event_key[i] == key) {
                        return i;
                }
        }
        return 0;
}

/* As log.free_rest: the first of the key is gone, the next is to be tried. */
static void free_rest(struct store *store, int key)
{
        int64_t first = first_parked(store, key);
        if (first) {
                store->parked[first].retry = true;
                store->parked[first].waits = 0;
        }
}

/* The log of the process is silent: ten thousand storms would fill it. */
void log_warning(const char *format, ...)
{
        (void)format;
}

void panic(const char *format, ...)
{
        va_list args;
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        abort();
}

/* The model of tx.c. */

static void stick(struct tx *tx, enum tx_end end, const char *reason)
{
        if (!tx->failed) {
                tx->failed = true;
                tx->end = end;
                snprintf(tx->reason, sizeof tx->reason, "%s", reason);
                world.trouble = world.trouble || end != TX_REJECT;
        }
}

/* Somebody else is quicker. */
static void interfere(void)
{
        if (!world.inside && chance(6)) {
                world.inside = true;
                act();
                world.inside = false;
        }
}

bool tx_begin(struct tx *tx, int64_t now)
{
        (void)now;
        interfere();
        arena_clear(tx->arena);
        tx->failed = tx->late = tx->begun = false;
        tx->end = TX_DONE;
        tx->effect_count = 0;
        tx->done = NULL;
        tx->draft = world.store;
        return !chance(40);
}

/* log.advance. False: fenced. */
static bool advance(struct tx *tx)
{
        const struct int_array parts = tx->kept[1].ints, froms = tx->kept[2].ints;
        const struct int_array tos = tx->kept[3].ints;
        bool good = true;
        for (size_t i = 0; i < parts.count; i++) {
                int64_t *cursor = &tx->draft.cursor[parts.at[i]];
                assert_true(i == 0 || parts.at[i] > parts.at[i - 1]);
                good = good && *cursor == froms.at[i] && tos.at[i] >= froms.at[i];
                *cursor = tos.at[i];
        }
        tx->parked = false;
        for (int64_t i = 1; i <= EVENTS; i++) {
                tx->parked = tx->parked || tx->draft.parked[i].there;
        }
        return good;
}

/* The fence goes out, at this time of all, and is answered. */
void tx_wait(struct tx *tx)
{
        db_done *done = tx->done;
        tx->done = NULL;
        tx->begun = true;
        if (done && !tx->failed) {
                interfere();
                tx->draft = world.store;
                done(tx->context,
                     &(struct db_result){ .end = advance(tx) ? DB_OK : DB_ERROR, .handle = tx });
        }
}

bool tx_is_idle(const struct tx *tx)
{
        return !tx->begun && tx->effect_count == 0;
}

void tx_rollback(struct tx *tx)
{
        assert_true(tx_is_idle(tx));
        tx->failed = true;
}

void tx_note(struct tx *tx, const struct db_result *result)
{
        if (result->end == DB_ERROR) {
                stick(tx, TX_FENCED, "fenced");
        }
}

/* Whether it is done with the cursor's move over it. */
static bool is_passed(const struct store *store, int64_t position)
{
        return world.temper[position] == SILENT && position <= store->cursor[part_of(position)] &&
               !store->parked[position].there && !store->dropped[position];
}

/* An effect comes after all earlier events of its key, and once. */
static void check_effects(const struct tx *tx)
{
        struct store seen = world.store;
        memcpy(seen.dropped, tx->draft.dropped, sizeof seen.dropped);
        for (size_t i = 0; i < tx->effect_count; i++) {
                int64_t position = tx->effects[i];
                assert_false(seen.done[position]);
                for (int64_t j = 1; j < position; j++) {
                        assert_true(world.event_key[j] != world.event_key[position] ||
                                    seen.done[j] || seen.dropped[j] || is_passed(&tx->draft, j));
                }
                seen.done[position] = true;
        }
}

/* Each row waits for the first of its key, and all that came before a cursor is somewhere. */
static void check_store(const struct store *store)
{
        for (int64_t i = 1; i <= EVENTS; i++) {
                const struct row *row = &store->parked[i];
                if (row->there) {
                        int64_t first = first_parked(store, world.event_key[i]);
                        assert_true(i == first ? row->waits == 0 : row->waits > 0);
                        assert_true(row->waits <= first);
                        assert_false(store->done[i]);
                }
                bool behind = i <= store->cursor[part_of(i)];
                assert_int_equal(store->done[i] + store->dropped[i] + row->there, behind);
        }
}

enum tx_end tx_commit(struct tx *tx)
{
        tx_wait(tx);
        if (tx->late) {
                stick(tx, TX_REJECT, "23505 at the commit");
        }
        if (!tx->failed && chance(25)) {
                stick(tx, chance(10) ? TX_EXIT : TX_RETRY, "lost before the commit");
        }
        if (!tx->failed) {
                check_effects(tx);
                for (size_t i = 0; i < tx->effect_count; i++) {
                        tx->draft.done[tx->effects[i]] = true;
                }
                for (int64_t i = 1; i <= EVENTS; i++) {
                        tx->draft.done[i] = tx->draft.done[i] || is_passed(&tx->draft, i);
                }
                check_store(&tx->draft);
                world.store = tx->draft;
                if (chance(25)) {
                        stick(tx, TX_RETRY, "lost after the commit");
                }
        }
        return tx->end;
}

int64_t tx_now(const struct tx *tx)
{
        (void)tx;
        return 0;
}

struct arena *tx_arena(const struct tx *tx)
{
        return tx->arena;
}

bool tx_failed(const struct tx *tx)
{
        return tx->failed;
}

const char *tx_reason(const struct tx *tx)
{
        return tx->reason;
}

enum status tx_reject(struct tx *tx, const char *format, ...)
{
        stick(tx, TX_REJECT, format);
        return tx->end == TX_REJECT ? REJECT : RETRY;
}

void tx_fence(struct tx *tx, const char *reason)
{
        stick(tx, TX_FENCED, reason);
}

int64_t db_session(const struct db *db)
{
        (void)db;
        return 0;
}

enum status tx_retry(struct tx *tx, const char *format, ...)
{
        stick(tx, TX_RETRY, format);
        return tx->end == TX_REJECT ? REJECT : RETRY;
}

void tx_set_cause(struct tx *tx, int64_t position)
{
        tx->cause = position;
}

void tx_set_actor(struct tx *tx, struct text actor)
{
        (void)tx;
        assert_text_equal(actor, "g");
}

void tx_set_traceparent(struct tx *tx, struct text traceparent)
{
        (void)tx;
        (void)traceparent;
}

int64_t clock_now(const struct clock *clock)
{
        (void)clock;
        return 0;
}

/* The model of the log's functions. */

const struct statement worker_advance_statement = { .name = "worker_advance" };

void tx_open(struct tx *tx, const struct statement *statement, const union param *params,
             db_done *done, void *context)
{
        assert_ptr_equal(statement, &worker_advance_statement);
        memcpy(tx->kept, params, sizeof tx->kept);
        tx->done = done;
        tx->context = context;
}

int64_t db_int(const struct db_result *result, int64_t row, int column)
{
        const struct tx *tx = result->handle;
        assert_true(row == 0 && column == 0);
        return tx->parked;
}

/* Whether a statement reaches the store: the fence before it does. */
static bool is_open(struct tx *tx)
{
        tx_wait(tx);
        return !tx->failed;
}

struct worker_parked_rows worker_parked(struct tx *tx, struct text grp, struct text_array keys)
{
        struct worker_parked_rows rows = { 0 };
        assert_text_equal(grp, "g");
        rows.row = arena_array(tx->arena, KEYS, sizeof *rows.row);
        for (int key = 0; key < KEYS && is_open(tx); key++) {
                int64_t first = first_parked(&tx->draft, key);
                bool asked = false;
                for (size_t i = 0; i < keys.count; i++) {
                        asked = asked || text_equal(keys.at[i], world.key[key]);
                }
                if (first && asked) {
                        rows.row[rows.count++] = (struct worker_parked){ world.key[key], first };
                }
        }
        return rows;
}

int64_t worker_park(struct tx *tx, struct text grp, struct int_array parts,
                    struct int_array positions, struct text_array reasons, struct int_array waits,
                    int64_t at)
{
        (void)grp;
        (void)at;
        for (size_t i = 0; i < positions.count && is_open(tx); i++) {
                int64_t position = positions.at[i];
                assert_int_equal(parts.at[i], part_of(position));
                assert_true(reasons.at[i].size > 0);
                assert_false(tx->draft.parked[position].there);
                tx->draft.parked[position] = (struct row){ .there = true, .waits = waits.at[i] };
        }
        return (int64_t)positions.count;
}

bool worker_retryable(struct tx *tx, struct text grp, struct int_array parts,
                      struct worker_retryable *found)
{
        (void)grp;
        for (int64_t i = 1; i <= EVENTS && is_open(tx); i++) {
                int key = world.event_key[i];
                const struct row *row = &tx->draft.parked[i];
                for (size_t j = 0; j < parts.count; j++) {
                        if (row->there && row->retry && parts.at[j] == part_of(i) &&
                            first_parked(&tx->draft, key) == i) {
                                *found = (struct worker_retryable){ .position = i,
                                                                    .part = part_of(i),
                                                                    .type = EVENT_session_held,
                                                                    .key = world.key[key],
                                                                    .cause = DB_NULL,
                                                                    .body = world.body[key] };
                                return true;
                        }
                }
        }
        return false;
}

int64_t worker_unpark(struct tx *tx, struct text grp, int64_t pos)
{
        (void)grp;
        if (is_open(tx) && !tx->draft.parked[pos].there) {
                stick(tx, TX_FENCED, "it is gone");
        } else if (!tx->failed) {
                tx->draft.parked[pos].there = false;
                free_rest(&tx->draft, world.event_key[pos]);
        }
        return 0;
}

int64_t worker_repark(struct tx *tx, struct text grp, int64_t pos, struct text why)
{
        (void)grp;
        assert_true(why.size > 0);
        for (int64_t i = pos; i <= EVENTS && is_open(tx); i++) {
                if (world.event_key[i] == world.event_key[pos]) {
                        tx->draft.parked[i].retry = false;
                }
        }
        return 0;
}

/* The daemon. */

static enum status note_effect(struct tx *tx, const struct session_held *event)
{
        int64_t position = tx->cause;
        assert_true(text_equal(event->meeting, world.key[world.event_key[position]]));
        switch (world.temper[position]) {
        case SOUND:
                break;
        case REJECTED:
                return position % 2 ? REJECT : tx_reject(tx, "it is poison");
        case REJECTED_LATE:
                tx->late = true;
                break;
        case MOODY:
                if (chance(2)) {
                        world.trouble = true;
                        return position % 2 ? RETRY : tx_retry(tx, "not now");
                }
                break;
        case SILENT:
                return DONE;
        }
        tx->effects[tx->effect_count++] = position;
        return DONE;
}

/* What happens in the world. */

/* As worker.c takes a TAKE: it may be that another worker goes on with the same partitions. */
static void take_partitions(size_t n)
{
        for (int64_t i = 0; i < PARTS; i++) {
                int64_t at = world.store.cursor[i];
                world.holds[n][i] = (struct hold){ i, at, at, at };
        }
        world.batches[n].hold_count = PARTS;
        world.batches[n].owed = false;
        world.batches[n].parked = true;
}

/* What the end of a batch means to the worker. */
static void judge(size_t n, enum batch_end end)
{
        assert_true(!world.calm || end == BATCH_DONE); /* nobody else is there */
        if (end != BATCH_DONE) {
                take_partitions(n);
        }
}

/* Every range is done, or its partition is held back, and that only for a reason of the world's. */
static void check_batch(size_t n, const struct wire_batch *message, const struct list *held_back,
                        const struct hold *before)
{
        const struct wire_range *range = message->ranges.at;
        const struct wire_cursor *held = held_back->at;
        for (size_t i = 0; i < message->ranges.count; i++) {
                int64_t now_at = world.holds[n][range[i].part].handled;
                bool back = false;
                for (size_t j = 0; j < held_back->count; j++) {
                        if (held[j].part == range[i].part) {
                                assert_int_equal(held[j].position, now_at);
                                back = true;
                        }
                }
                if (range[i].from != before[range[i].part].handled) {
                        assert_int_equal(now_at, before[range[i].part].handled); /* old news */
                } else {
                        assert_true(back ? now_at <= range[i].to : now_at == range[i].to);
                }
        }
        assert_true(held_back->count == 0 || world.trouble);
}

/* A batch of the partitions that the worker thinks it holds, some of it old news. */
static void run_batch(size_t n)
{
        struct wire_range ranges[PARTS];
        struct wire_event events[EVENTS];
        struct hold before[PARTS];
        size_t range_count = 0, event_count = 0;
        struct list held_back;
        memcpy(before, world.holds[n], sizeof before);
        for (int64_t part = 0; part < PARTS; part++) {
                int64_t from = world.holds[n][part].handled;
                from -= chance(20) && from > 0;
                if (!chance(4)) {
                        int64_t to = world.calm ? world.head
                                                : random_within(&world.random, from, world.head);
                        ranges[range_count++] = (struct wire_range){ part, from, to };
                }
        }
        for (int64_t i = 1; i <= world.head; i++) {
                for (size_t j = 0; j < range_count; j++) {
                        int key = world.event_key[i];
                        if (ranges[j].part == part_of(i) && i > ranges[j].from &&
                            i <= ranges[j].to) {
                                events[event_count++] =
                                        (struct wire_event){ .position = i,
                                                             .type = EVENT_session_held,
                                                             .key = world.key[key],
                                                             .body = world.body[key],
                                                             .part = part_of(i) };
                        }
                }
        }
        struct wire_batch message = { .ranges = { ranges, range_count },
                                      .events = { events, event_count } };
        if (!world.inside) {
                world.trouble = false;
                world.at_work = n;
        }
        enum batch_end end = batch_run(&world.batches[n], &message, &held_back);
        if (end == BATCH_DONE) {
                check_batch(n, &message, &held_back, before);
        }
        judge(n, end);
}

/* What is owed is committed, if nothing is in the way. */
static void flush(size_t n)
{
        world.at_work = world.inside ? world.at_work : n;
        if (world.batches[n].owed) {
                judge(n, batch_flush(&world.batches[n]));
                assert_true(!world.calm || !world.batches[n].owed);
        }
}

static bool run_retry(size_t n)
{
        bool more = false;
        world.at_work = world.inside ? world.at_work : n;
        judge(n, batch_retry(&world.batches[n], &more));
        return more;
}

/* As log.retry: those of one key, or all. */
static void retry(int key)
{
        for (int64_t i = 1; i <= EVENTS; i++) {
                if (key < 0 || world.event_key[i] == key) {
                        world.store.parked[i].retry = world.store.parked[i].there;
                }
        }
}

/* As log.drop. */
static void drop(int64_t position)
{
        struct row *row = &world.store.parked[position];
        if (row->there) {
                row->there = false;
                world.store.dropped[position] = true;
                if (row->waits == 0) {
                        free_rest(&world.store, world.event_key[position]);
                }
        }
}

static void mend(int64_t position)
{
        if (world.temper[position] != SILENT) {
                world.temper[position] = SOUND;
        }
}

/* One thing happens; within a worker's work it is what the other does, or a person. */
static void act(void)
{
        size_t n = world.inside ? 1 - world.at_work
                                : (size_t)random_within(&world.random, 0, WORKERS - 1);
        switch (random_within(&world.random, 0, 9)) {
        case 0:
        case 1:
                run_batch(n);
                break;
        case 2:
                run_retry(n);
                break;
        case 3:
                take_partitions(n);
                break;
        case 4:
                retry((int)random_within(&world.random, -1, KEYS - 1));
                break;
        case 5:
                if (chance(3)) {
                        drop(random_within(&world.random, 1, EVENTS));
                }
                break;
        case 6:
                mend(random_within(&world.random, 1, EVENTS));
                break;
        case 7:
                flush(n);
                break;
        default:
                world.head += world.head < EVENTS;
        }
}

static void pulse(void *context)
{
        (void)context;
}

/* A log of events, some of them bad; two workers who hold all of it. */
static void set_up(uint64_t seed)
{
        static struct service service;
        world = (struct world){ .random = { seed }, .head = 5, .arena = arena_new() };
        for (int key = 0; key < KEYS; key++) {
                world.key[key] = arena_printf(world.arena, "N1-S%d", key);
                world.body[key] =
                        codec_packed(event_record(EVENT_session_held),
                                     &(struct session_held){ world.key[key] }, world.arena);
        }
        for (int64_t i = 1; i <= EVENTS; i++) {
                world.event_key[i] = (int)random_within(&world.random, 0, KEYS - 1);
                int64_t temper = random_within(&world.random, 0, 20);
                world.temper[i] = temper <= MOODY ? (enum temper)temper
                                  : temper < 12   ? SILENT
                                                  : SOUND;
        }
        for (size_t n = 0; n < WORKERS; n++) {
                world.txs[n].arena = arena_new();
                world.workers[n] = (struct worker){ .group = "g",
                                                    .on = { .session_held = note_effect },
                                                    .service = &service,
                                                    .tx = &world.txs[n] };
                world.batches[n] = (struct batch){ .worker = &world.workers[n],
                                                   .arena = world.arena,
                                                   .hold = world.holds[n],
                                                   .pulse = pulse };
                take_partitions(n);
        }
}

static void tear_down(void)
{
        for (size_t n = 0; n < WORKERS; n++) {
                arena_destroy(&world.txs[n].arena);
        }
        arena_destroy(&world.arena);
}

/* All that can be done is done, and comes to an end: what is bad is not retried by itself. */
static void work_off(void)
{
        int left = 20 * EVENTS;
        for (int i = 0; i < 20; i++) {
                run_batch(0);
        }
        flush(0);
        retry(-1);
        while (left > 0 && run_retry(0)) {
                left--;
        }
        assert_int_not_equal(left, 0);
}

/* The storm is over: what was bad is mended, and a person has all of it retried. */
static void settle(void)
{
        world.calm = true;
        world.head = EVENTS;
        take_partitions(0);
        work_off();
        for (int64_t i = 1; i <= EVENTS; i++) {
                mend(i);
        }
        work_off();
        for (int64_t i = 1; i <= EVENTS; i++) {
                assert_true(world.store.done[i] || world.store.dropped[i]);
                assert_false(world.store.parked[i].there);
        }
}

static void run(uint64_t seed)
{
        set_up(seed);
        for (int i = 0; i < STEPS; i++) {
                act();
        }
        settle();
        tear_down();
}

static void test_an_event_has_its_effect_once_and_in_its_keys_order_through_parking(void **state)
{
        (void)state;
        seeds_run(SEEDS, run);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(
                        test_an_event_has_its_effect_once_and_in_its_keys_order_through_parking,
                        seeds_tell),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
