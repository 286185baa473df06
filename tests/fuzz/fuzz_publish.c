/*
 * publish: hostile publishers and a store that answers what it may: all of a message, its rest, a
 * gap, an error, or nothing at all. Whatever comes, the store is asked only for what it can take, and
 * nobody is told of more than he asked: one answer to a message, none if its outcome is unknown.
 * Store, peers and clock are models in place of db.c, tx.c, peer.c and clock.c.
 */
#include "broker/broker.h"
#include "common/traceparent.h"
#include "common/tx.h"
#include "tests/fuzz/fuzz.h"
#include <inttypes.h>
#include <string.h>

enum { MESSAGES = 60, CALLS_MOST = 8, ACTORS = 3 };

/* A log.publish that the store has not answered. */
struct asking {
        db_done *done;
        void *context;
        size_t messages;
        int64_t counts[MESSAGES];
};

/* The world outside of publish.c. */
static struct {
        struct text input;
        struct broker broker;
        struct asking asking[CALLS_MOST];
        size_t calls; /* in asking */
        int64_t head; /* of the model's log */
        int64_t skipped[MESSAGES], firsts[MESSAGES];
        size_t answers; /* how many of these, for one call */
        size_t waiting; /* messages taken and not answered */
        bool taking;    /* a message is at the door: a refusal is its answer */
        int64_t said_head;
} world;

/* clock.c */
int64_t clock_now(const struct clock *clock)
{
        (void)clock;
        return CLOCK_SECOND;
}

int64_t clock_monotonic_ms(void)
{
        return 1;
}

/* peer.c */
struct text peers_actor(struct peers *peers, const struct message *message)
{
        (void)peers;
        return message->who;
}

bool peers_send(struct peers *peers, const struct address *to, enum verb verb, const void *value)
{
        const struct wire_accepted *accepted = value;
        (void)peers;
        require(verb == VERB_ACCEPTED && to->size == 1 && to->bytes[0] < ACTORS);
        require(codec_check(verb_record(verb), value, NULL));
        require(accepted->position <= world.head);
        require(world.waiting-- > 0);
        return true;
}

void peers_refuse(struct peers *peers, const struct address *to, struct text source, int64_t number,
                  const char *code, const char *format, ...)
{
        (void)peers;
        (void)format;
        require(to->size == 1 && to->bytes[0] < ACTORS && source.size <= 60 && number >= 0);
        require(world.taking != text_equal(text_of(code), TEXT("gap")));
        require(world.waiting-- > 0);
}

/* tx.c, for the statements of others in the same file: never called. */
struct arena *tx_arena(const struct tx *tx)
{
        (void)tx;
        panic("no transaction here");
}

const struct db_result *tx_run(struct tx *tx, const struct statement *statement,
                               const union param *params)
{
        (void)tx;
        (void)params;
        panic("no transaction here: %s", statement->name);
}

struct text db_text(const struct db_result *result, int64_t row, int column)
{
        (void)result;
        panic("no text in %" PRId64 " of row %d", row, column);
}

/* db.c: the answer at hand, of which the first column is the head, -1 if nothing was new. */
int64_t db_int(const struct db_result *result, int64_t row, int column)
{
        require(result->end == DB_OK && row == 0 && column == 0);
        return world.said_head;
}

struct int_array db_ints(const struct db_result *result, int64_t row, int column,
                         struct arena *arena)
{
        (void)arena;
        (void)row;
        size_t count = result->end == DB_OK ? world.answers : 0;
        return (struct int_array){ column == 1 ? world.skipped : world.firsts, count };
}

/* A row that log.publish takes: an event as we pack it, with its own key, and a trace if it may. */
static void check_row(int64_t type, struct text key, struct text body, struct text trace)
{
        struct arena *arena = arena_new();
        const struct record *record = event_record(type);
        void *value = record ? arena_alloc(arena, record->size) : NULL;
        require(record && key.size > 0 && key.size <= 80 && text_is_code(key));
        require(body.size <= 4096 && codec_unpack(record, body, arena, value, NULL));
        require(text_equal(event_key((enum event_type)type, value), key));
        require(!trace.at ||
                (trace.size == TRACEPARENT_SIZE && traceparent_may_ride((enum event_type)type)));
        arena_destroy(&arena);
}

/* db.c: the store is asked. */
void db_send(struct db *db, const struct statement *statement, const union param *params,
             db_done *done, void *context)
{
        struct asking *asking = &world.asking[world.calls++];
        const size_t messages = params[1].texts.count, rows = params[4].ints.count;
        int64_t sum = 0;
        (void)db;
        require(world.calls <= CALLS_MOST && messages <= MESSAGES && statement->param_count == 9);
        *asking = (struct asking){ .done = done, .context = context, .messages = messages };
        for (size_t i = 0; i < messages; i++) {
                require(params[1].texts.at[i].size <= 64);
                sum += asking->counts[i] = params[3].ints.at[i];
        }
        require(sum == (int64_t)rows && params[5].texts.count == rows);
        require(params[6].texts.count == rows && params[7].texts.count == rows);
        require(params[8].texts.count == rows || params[8].texts.count == 0);
        for (size_t i = 0; i < rows; i++) {
                check_row(params[4].ints.at[i], params[5].texts.at[i], params[7].texts.at[i],
                          params[8].texts.count ? params[8].texts.at[i] : (struct text){ 0 });
        }
}

/* The oldest call is answered: committed in whole or in part, refused, or lost. */
static void answer(unsigned how)
{
        struct asking asking = world.asking[0];
        int64_t taken = 0;
        memmove(world.asking, world.asking + 1, --world.calls * sizeof asking);
        for (size_t i = 0; i < asking.messages; i++) {
                int64_t skipped = (int64_t)fuzz_byte(&world.input) % (asking.counts[i] + 2) - 1;
                bool fresh = skipped >= 0 && skipped < asking.counts[i];
                world.skipped[i] = skipped;
                world.firsts[i] = fresh ? taken + 1 : 0;
                taken += fresh ? asking.counts[i] - skipped : 0;
        }
        struct db_result result = { .end = how % 4 == 3   ? DB_LOST
                                           : how % 4 == 2 ? DB_ERROR
                                                          : DB_OK,
                                    .message = "" };
        world.answers = asking.messages;
        world.said_head = taken ? world.head : -1;
        world.head += result.end == DB_OK ? taken : 0;
        size_t before = world.waiting;
        asking.done(asking.context, &result);
        require(before - world.waiting == (result.end == DB_OK ? asking.messages : 0));
        world.waiting = before - asking.messages;
        require(recent_head(world.broker.recent) <= world.head);
}

/* A PUBLISH that its declaration lets through. */
static void publish(unsigned byte)
{
        size_t size = fuzz_byte(&world.input);
        size = size << 8 | fuzz_byte(&world.input);
        struct text body = fuzz_take(&world.input, size);
        struct arena *arena = arena_new();
        struct wire_publish value;
        struct message message = { .from = { .size = 1, .bytes = { (char)(byte % ACTORS) } },
                                   .verb = VERB_PUBLISH,
                                   .value = &value,
                                   .who = TEXT("a") };
        if (codec_unpack(verb_record(VERB_PUBLISH), body, arena, &value, NULL)) {
                world.taking = true;
                world.waiting++;
                publish_take(&world.broker, &message);
                world.taking = false;
        }
        arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct publisher *publisher; /* some megabytes: one for all inputs */
        memset(&world, 0, sizeof world);
        world.input = (struct text){ (const char *)data, size };
        world.broker.recent = recent_new(1 << 16);
        publisher = publisher ? publisher : publish_new(&world.broker);
        world.broker.publisher = publisher;
        for (int turn = 0; turn < MESSAGES && world.input.size > 0; turn++) {
                unsigned byte = fuzz_byte(&world.input);
                if (byte < 128 && publish_has_room(world.broker.publisher))
                        publish(byte);
                else if (world.calls > 0)
                        answer(byte);
                if (byte % 8 < 6)
                        publish_turn(&world.broker);
        }
        while (world.calls > 0)
                answer(3);
        require(publish_in_flight(world.broker.publisher) == 0);
        publish_forget(publisher);
        recent_destroy(&world.broker.recent);
        return 0;
}
