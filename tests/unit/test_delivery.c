/*
 * A group in a storm, without sockets and store: workers are killed, stopped, restarted and put
 * partitions off, owe their commits for a while, the broker is restarted and forgets, time passes, messages wait; each seed is one
 * run, and can be run again by its number. Whatever happens, what commits in a partition is all of
 * its events, in order, once; nobody is sent more than he has credit for, nor a partition before
 * its pause is over; partitions are shared evenly; and when the storm is over every cursor comes to
 * the head.
 */
#include "broker/deliver.h"
#include "tests/support/random.h"
#include "tests/support/seeds.h"
#include "tests/support/test.h"
#include <stdlib.h>
#include <string.h>

enum {
        SEEDS = 10000,
        STEPS = 1500,
        LOG = 4000,
        PARTS = 5,
        WORKERS = 3,
        QUEUE = 64,
        CREDIT = 2,
        BATCH = 8
};

/* A message on its way to a worker: a TAKE, or a BATCH. */
struct letter {
        bool take;
        int64_t hello, number;
        struct wire_cursor cursors[PARTS];
        struct wire_range ranges[PARTS];
        size_t count, events;
        int64_t event[BATCH], part[BATCH];
};

/* What a worker says: HELLO, NEXT or LATER. */
struct word {
        enum verb verb;
        struct address from;
        int64_t number, credit;
        bool owed;
        struct wire_cursor cursors[PARTS];
        size_t count;
};

struct worker_model {
        struct address address;
        bool stopped, holding;
        int64_t hello, number, credit;
        int64_t cursor[PARTS]; /* handled up to here; -1: not held */
        int64_t committed[PARTS];
        struct letter inbox[QUEUE];
        size_t letters;
        struct word said[QUEUE];
        size_t words;
};

struct world {
        struct random random;
        int64_t now, head, hellos, names;
        struct entry log[LOG + 1];
        int64_t stored[PARTS];    /* the cursors in the store */
        int64_t resume_at[PARTS]; /* put off until then */
        struct worker_model workers[WORKERS];
        struct group *group;
        struct delivery delivery;
        const struct entry *places[BATCH];
        bool calm, reading;
        int64_t read[PARTS]; /* as the store answered, on its way */
        struct address paged;
        int64_t page_from;
};

/* Whether something that happens once in so many times happens now; never when it is calm. */
static bool chance(struct world *world, int64_t times)
{
        return !world->calm && random_within(&world->random, 1, times) == 1;
}

static bool is_subscribed(const struct entry *entry)
{
        return entry->type == EVENT_session_held;
}

static void append(struct world *world)
{
        if (world->head < LOG) {
                struct entry *entry = &world->log[++world->head];
                entry->position = world->head;
                entry->hash = (uint32_t)random_bits(&world->random);
                entry->type = random_within(&world->random, EVENT_session_held, EVENT_meeting_held);
        }
}

/* Whether something that is handled is to be committed by and by. */
static bool owes(const struct worker_model *worker)
{
        bool owed = false;
        for (size_t i = 0; i < PARTS; i++) {
                owed = owed || worker->cursor[i] != worker->committed[i];
        }
        return owed;
}

static void say(struct worker_model *worker, enum verb verb, const struct wire_cursor *cursors,
                size_t count)
{
        if (worker->words < QUEUE) {
                struct word *word = &worker->said[worker->words++];
                *word = (struct word){ .verb = verb, .from = worker->address, .count = count };
                word->number = verb == VERB_HELLO ? worker->hello : worker->number;
                word->credit = worker->credit;
                word->owed = verb == VERB_NEXT && owes(worker);
                for (size_t i = 0; i < count; i++) {
                        word->cursors[i] = cursors[i];
                }
        }
}

static void say_hello(struct world *world, struct worker_model *worker)
{
        worker->hello = ++world->hellos;
        worker->holding = false;
        worker->number = 0;
        memset(worker->cursor, -1, sizeof worker->cursor);
        memset(worker->committed, -1, sizeof worker->committed);
        say(worker, VERB_HELLO, NULL, 0);
}

/* A new process: another address, nothing remembered. */
static void restart(struct world *world, struct worker_model *worker)
{
        int64_t names = ++world->names;
        worker->letters = worker->words = 0;
        worker->stopped = false;
        worker->credit = random_within(&world->random, 1, CREDIT);
        worker->address = (struct address){ .size = sizeof names };
        memcpy(worker->address.bytes, &names, sizeof names);
        say_hello(world, worker);
}

/* The transaction's promise: all events of the partition in the range, in order. */
static void check_range(const struct world *world, const struct letter *letter,
                        const struct wire_range *range)
{
        size_t n = 0;
        for (int64_t position = range->from + 1; position <= range->to; position++) {
                const struct entry *entry = &world->log[position];
                if (!is_subscribed(entry) || entry->hash % PARTS != range->part) {
                        continue;
                }
                while (n < letter->events && letter->part[n] != range->part) {
                        n++;
                }
                assert_true(n < letter->events);
                assert_int_equal(letter->event[n], position);
                n++;
        }
        while (n < letter->events && letter->part[n] != range->part) {
                n++;
        }
        assert_int_equal(n, letter->events);
}

/* Commits all that is handled and says so. False: fenced. */
static bool commit(struct world *world, struct worker_model *worker)
{
        struct wire_cursor now_at[PARTS];
        size_t count = 0;
        for (size_t i = 0; i < PARTS; i++) {
                if (worker->cursor[i] >= 0 && world->stored[i] != worker->committed[i]) {
                        say_hello(world, worker);
                        return false;
                }
        }
        for (size_t i = 0; i < PARTS; i++) {
                if (worker->cursor[i] >= 0) {
                        world->stored[i] = worker->committed[i] = worker->cursor[i];
                        now_at[count++] = (struct wire_cursor){ (int64_t)i, worker->cursor[i] };
                }
        }
        if (chance(world, 40)) { /* killed before it says so */
                restart(world, worker);
                return false;
        }
        say(worker, VERB_NEXT, now_at, count);
        return true;
}

/* Handles a batch, of which sometimes a partition is put off, back to its cursor; commits it, or
 * owes that if its handlers ask nothing of the store. */
static void work(struct world *world, struct worker_model *worker, const struct letter *letter)
{
        struct wire_cursor later[PARTS];
        size_t held_back = 0;
        for (size_t i = 0; i < letter->count; i++) {
                const struct wire_range *range = &letter->ranges[i];
                int64_t *cursor = &worker->cursor[range->part];
                if (*cursor == range->from && chance(world, 10)) {
                        *cursor = worker->committed[range->part];
                        later[held_back++] = (struct wire_cursor){ range->part, *cursor };
                } else if (*cursor == range->from) {
                        check_range(world, letter, range);
                        *cursor = range->to;
                }
        }
        worker->number = letter->number;
        if (held_back > 0) {
                say(worker, VERB_LATER, later, held_back);
        }
        if (random_within(&world->random, 0, 1) == 0) {
                commit(world, worker);
        } else if (!owes(worker) || !chance(world, 2)) { /* else it goes with the commit */
                say(worker, VERB_NEXT, NULL, 0);
        }
}

/* A worker reads one message. */
static void read_letter(struct world *world, struct worker_model *worker)
{
        if (worker->letters == 0 || worker->stopped) {
                return;
        }
        struct letter letter = worker->inbox[0];
        memmove(worker->inbox, worker->inbox + 1, --worker->letters * sizeof letter);
        if (letter.take && letter.hello == worker->hello) {
                struct worker_model before = *worker;
                memset(worker->cursor, -1, sizeof worker->cursor);
                memset(worker->committed, -1, sizeof worker->committed);
                for (size_t i = 0; i < letter.count; i++) {
                        int64_t part = letter.cursors[i].part, at = letter.cursors[i].position;
                        bool known = before.cursor[part] >= 0;
                        worker->cursor[part] = known ? before.cursor[part] : at;
                        worker->committed[part] = known ? before.committed[part] : at;
                }
                worker->holding = true;
                say(worker, VERB_NEXT, NULL, 0);
        } else if (!letter.take && worker->holding) {
                work(world, worker, &letter);
        }
}

static struct worker_model *find_worker(struct world *world, const struct address *address)
{
        for (size_t i = 0; i < WORKERS; i++) {
                if (address_equal(&world->workers[i].address, address)) {
                        return &world->workers[i];
                }
        }
        return NULL;
}

/* Puts a message into the worker's queue; a worker that is gone leaves, as the broker does it. */
static void send(struct world *world, struct member *member, const struct letter *letter)
{
        struct worker_model *worker = find_worker(world, &member->address);
        size_t fresh = 0;
        if (!worker || worker->letters == QUEUE) {
                group_leave(world->group, member);
                return;
        }
        worker->inbox[worker->letters++] = *letter;
        for (size_t i = 0; i < worker->letters; i++) {
                fresh += !worker->inbox[i].take && worker->inbox[i].hello == worker->hello;
        }
        assert_true(fresh <= (size_t)worker->credit);
}

static void send_take(struct world *world, struct member *member)
{
        struct letter letter = { .take = true, .hello = member->hello };
        member->untold = false;
        letter.count = group_held(world->group, member, letter.cursors);
        send(world, member, &letter);
}

static void send_batch(struct world *world, struct member *member)
{
        const struct parcel *parcel = &world->delivery.parcel;
        struct letter letter = { .hello = member->hello, .number = parcel->number };
        letter.count = parcel->range_count;
        letter.events = parcel->entry_count;
        memcpy(letter.ranges, parcel->ranges, letter.count * sizeof *letter.ranges);
        for (size_t i = 0; i < letter.events; i++) {
                letter.event[i] = parcel->entries[i]->position;
                letter.part[i] = parcel->parts[i];
        }
        assert_false(member->joining || member->untold);
        for (size_t i = 0; i < letter.count; i++) {
                int64_t part = letter.ranges[i].part;
                assert_ptr_equal(world->group->parts[part].heir, member);
                assert_true(world->now >= world->resume_at[part]);
        }
        send(world, member, &letter);
}

static struct view look(struct world *world, int64_t from)
{
        size_t count = 0;
        int64_t position = from;
        while (position < world->head && count < BATCH) {
                if (is_subscribed(&world->log[++position])) {
                        world->places[count++] = &world->log[position];
                }
        }
        return (struct view){ from, position, world->places, count };
}

/* The broker's turn for one member. */
static void deliver(struct world *world, struct member *member)
{
        struct known known = { .head = world->head, .idle = world->calm || chance(world, 3) };
        struct address address = member->address;
        int64_t from;
        known.floor = world->calm ? 0 : world->head - random_within(&world->random, 0, world->head);
        while ((member = group_find(world->group, &address)) &&
               deliver_wants(world->group, member, &known, world->now, &from)) {
                if (from < known.floor) {
                        member->paging = true;
                        world->paged = address;
                        world->page_from = from;
                        continue;
                }
                struct view view = look(world, from);
                if (deliver_make(world->group, member, &view, known.idle, world->now,
                                 &world->delivery)) {
                        send_batch(world, member);
                }
        }
}

/* A page that was asked for arrives, if whom it was for is still there. */
static void take_page(struct world *world)
{
        struct member *member = group_find(world->group, &world->paged);
        struct view view = look(world, world->page_from);
        if (!member || !member->paging) {
                return;
        }
        member->paging = false;
        if (deliver_may(member) &&
            deliver_make(world->group, member, &view, false, world->now, &world->delivery)) {
                send_batch(world, member);
        }
}

/* Nothing is taken from a member while it is at work in it. */
static void share(struct world *world)
{
        const struct group *group = world->group;
        const struct member *busy[PARTS] = { NULL };
        for (size_t i = 0; i < group->part_count; i++) {
                const struct partition *part = &group->parts[i];
                busy[i] = part->sent != part->cursor ? part->holder : NULL;
        }
        group_share(world->group);
        for (size_t i = 0; i < group->part_count; i++) {
                assert_true(!busy[i] || busy[i] == group->parts[i].holder);
        }
}

/* A partition put off by its holder, at its cursor, waits at least the first pause and at most the
 * longest. */
static void hear_later(struct world *world, struct member *member, struct list cursors)
{
        const struct wire_cursor *cursor = cursors.at;
        deliver_later(world->group, member, &(struct wire_later){ .parts = cursors }, world->now);
        for (size_t i = 0; i < cursors.count; i++) {
                const struct partition *part = &world->group->parts[cursor[i].part];
                if (part->holder == member && part->cursor == cursor[i].position) {
                        int64_t pause = part->resume_at - world->now;
                        assert_int_equal(part->sent, part->cursor);
                        assert_in_range(pause, DELIVER_PAUSE, DELIVER_PAUSE_MOST);
                        world->resume_at[cursor[i].part] = part->resume_at;
                }
        }
}

/* The broker hears one word of a worker. */
static void hear(struct world *world, struct worker_model *worker)
{
        if (worker->words == 0) {
                return;
        }
        struct word word = worker->said[0];
        memmove(worker->said, worker->said + 1, --worker->words * sizeof word);
        struct list cursors = { word.cursors, word.count };
        struct member *member = group_find(world->group, &word.from);
        if (word.verb == VERB_HELLO) {
                group_join(world->group, &word.from, &(struct wire_hello){ .number = word.number },
                           world->now);
        } else if (!member) {
                say_hello(world, worker); /* BEAT 0 */
        } else if (word.verb == VERB_LATER) {
                hear_later(world, member, cursors);
        } else if (deliver_next(world->group, member,
                                &(struct wire_next){ .parts = cursors,
                                                     .number = word.number,
                                                     .credit = word.credit,
                                                     .owed = word.owed })) {
                share(world);
        }
        if ((member = group_find(world->group, &word.from))) {
                member->heard_at = world->now;
        }
}

/* The invariants of group and deliver, after each turn. */
static void check_group(const struct world *world)
{
        const struct group *group = world->group;
        size_t least = PARTS, most = 0;
        bool settled = group->part_count > 0 && !group->stale && !world->reading;
        for (const struct member *m = group->members; m; m = m->next) {
                size_t held = 0;
                assert_true(world->now - m->heard_at <= GROUP_SILENCE);
                settled = settled && !m->joining;
                for (size_t i = 0; i < group->part_count; i++) {
                        held += group->parts[i].heir == m;
                }
                least = held < least ? held : least;
                most = held > most ? held : most;
        }
        assert_true(!settled || !group->members || most - least <= 1);
        for (size_t i = 0; i < group->part_count; i++) {
                const struct partition *part = &group->parts[i];
                assert_true(part->cursor <= part->sent && part->sent <= part->seen);
                assert_true(part->seen <= world->head);
                assert_true(!settled || !group->members || part->heir);
        }
}

/* The store's answer about the cursors arrives; if somebody came or went since, they are read
 * again. */
static void take_cursors(struct world *world)
{
        if (world->reading && !world->group->stale) {
                group_read(world->group, world->read, PARTS);
                share(world);
        }
        world->reading = false;
}

/* The broker's turn. */
static void turn(struct world *world)
{
        group_expire(world->group, world->now);
        if (world->group->stale && !world->reading && world->group->members) {
                world->group->stale = false;
                world->reading = true;
                memcpy(world->read, world->stored, sizeof world->read);
        }
        for (struct member *member = world->group->members, *after; member; member = after) {
                after = member->next;
                if (group_must_tell(member)) {
                        send_take(world, member);
                } else {
                        deliver(world, member);
                }
        }
        check_group(world);
}

/* A worker's own time: beats (a stranger is asked for HELLO), and HELLO again while nothing
 * comes. */
static void tick(struct world *world, struct worker_model *worker)
{
        struct member *member = group_find(world->group, &worker->address);
        if (worker->stopped || (worker->holding && owes(worker) && !commit(world, worker))) {
                return;
        }
        if (member) {
                member->heard_at = world->now;
        } else if (worker->words == 0) {
                say_hello(world, worker);
        }
}

/* One thing happens. */
static void step(struct world *world)
{
        struct worker_model *worker =
                &world->workers[random_within(&world->random, 0, WORKERS - 1)];
        world->now += random_within(&world->random, 0, 40);
        switch (random_within(&world->random, 0, 7)) {
        case 0:
                append(world);
                break;
        case 1:
                read_letter(world, worker);
                break;
        case 2:
                hear(world, worker);
                break;
        case 3:
                tick(world, worker);
                break;
        case 4:
                take_page(world);
                break;
        case 5:
                take_cursors(world);
                break;
        default:
                turn(world);
        }
        if (chance(world, 60)) {
                worker->stopped = !worker->stopped;
        }
        if (chance(world, 120)) {
                restart(world, worker);
        }
        if (chance(world, 400)) { /* the broker is restarted */
                group_destroy(&world->group);
                world->group = group_new(TEXT("g"));
                world->reading = false;
                memset(world->resume_at, 0, sizeof world->resume_at);
        }
        if (chance(world, 200)) {
                world->now += GROUP_SILENCE;
        }
}

static bool is_done(const struct world *world)
{
        for (size_t i = 0; i < PARTS; i++) {
                if (world->stored[i] != world->head) {
                        return false;
                }
        }
        return true;
}

static void run(uint64_t seed)
{
        struct world *world = test_calloc(1, sizeof *world);
        world->random.state = seed;
        world->group = group_new(TEXT("g"));
        for (size_t i = 0; i < WORKERS; i++) {
                restart(world, &world->workers[i]);
        }
        for (int i = 0; i < STEPS; i++) {
                step(world);
        }
        world->calm = true;
        for (size_t i = 0; i < WORKERS; i++) {
                world->workers[i].stopped = false;
        }
        int64_t head = world->head;
        int left = 40000;
        for (; left > 0 && !(world->head >= head && is_done(world)); left--) {
                step(world);
                world->head = head; /* nothing new any more */
        }
        if (left == 0) {
                fail_msg("the cursors do not come to the head");
        }
        group_destroy(&world->group);
        test_free(world);
}

static void test_every_event_arrives_once_and_in_order_whatever_happens(void **state)
{
        (void)state;
        seeds_run(SEEDS, run);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(
                        test_every_event_arrives_once_and_in_order_whatever_happens, seeds_tell),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
