/*
 * wire: a talk of up to four hostile workers and publishers with the broker's pure parts. Each
 * message is a byte for whom and what, two bytes of size, and a body that is held to its verb's
 * declaration. Whatever they say, a group's partitions keep their invariant, and what goes out can
 * be read.
 */
#include "broker/deliver.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

enum { PARTS = 3, LOG = 40, CREDIT_MOST = 16 };

struct broker_model {
        struct group *group;
        struct arena *arena;
        struct entry log[LOG + 1];
        struct buffer packed[LOG + 1];
        const struct entry *places[LOG];
        struct delivery delivery;
        int64_t now;
};

/* A log of one event type, each with a key of its own. */
static void fill_log(struct broker_model *broker)
{
        for (int64_t i = 1; i <= LOG; i++) {
                const char key = (char)('a' + i % 26);
                broker->log[i] = entry_of(&(struct wire_event){ .position = i,
                                                                .type = EVENT_session_held,
                                                                .key = { &key, 1 },
                                                                .actor = TEXT("a"),
                                                                .body = TEXT("\x80") },
                                          &broker->packed[i]);
        }
}

/* What the broker relies on: nobody can talk a partition out of its order. */
static void check_group(const struct group *group)
{
        for (size_t i = 0; i < group->part_count; i++) {
                const struct partition *part = &group->parts[i];
                require(0 <= part->cursor && part->cursor <= part->sent);
                require(part->sent <= part->seen && part->seen <= LOG);
                require(part->pause <= DELIVER_PAUSE_MOST);
        }
        for (const struct member *member = group->members; member; member = member->next) {
                require(member->dealt <= member->number && member->credit <= CREDIT_MOST);
        }
}

/* What is sent is a BATCH as declared. */
static void check_batch(struct broker_model *broker)
{
        struct buffer out = { 0 };
        struct fault fault;
        struct wire_batch batch;
        entry_pack_batch(&broker->delivery.parcel, &out);
        require(codec_unpack(verb_record(VERB_BATCH), (struct text){ out.at, out.size },
                             broker->arena, &batch, &fault));
        require(batch.events.count == broker->delivery.parcel.entry_count);
        buffer_clear(&out);
}

/* Sends a member all it has credit for. */
static void deliver(struct broker_model *broker, struct member *member)
{
        const struct known known = { .floor = 0, .head = LOG, .idle = true };
        int64_t from;
        member->untold = false;
        while (deliver_wants(broker->group, member, &known, broker->now, &from)) {
                size_t count = 0;
                for (int64_t i = from + 1; i <= LOG; i++) {
                        broker->places[count++] = &broker->log[i];
                }
                const struct view view = { from, LOG, broker->places, count };
                if (deliver_make(broker->group, member, &view, true, broker->now,
                                 &broker->delivery)) {
                        check_batch(broker);
                }
        }
}

/* As the broker takes a PUBLISH in: each body by its type's record, packed anew. */
static void publish(struct broker_model *broker, const struct wire_publish *publish)
{
        const struct wire_news *news = publish->events.at;
        for (size_t i = 0; i < publish->events.count; i++) {
                const struct record *record = event_record(event_named(news[i].type));
                void *value = record ? arena_alloc(broker->arena, record->size) : NULL;
                struct fault fault;
                if (value && codec_unpack(record, news[i].body, broker->arena, value, &fault)) {
                        struct text key = event_key(event_named(news[i].type), value);
                        require(key.size > 0 && key.size <= 80 && text_is_code(key));
                        require(codec_packed(record, value, broker->arena).size <= 4096);
                }
        }
}

/* One message of a peer that is held to be what it says. */
static void hear(struct broker_model *broker, const struct address *from, enum verb verb,
                 const void *value)
{
        struct group *group = broker->group;
        struct member *member = group_find(group, from);
        if (verb == VERB_HELLO) {
                const struct wire_hello *hello = value;
                if (group_suits(group, from, hello->types)) {
                        group_join(group, from, hello, broker->now);
                }
        } else if (verb == VERB_NEXT && member) {
                if (deliver_next(group, member, value)) {
                        group_share(group);
                }
        } else if (verb == VERB_LATER && member) {
                deliver_later(group, member, value, broker->now);
        } else if (verb == VERB_PUBLISH) {
                publish(broker, value);
        }
        if (group->stale && group->members) {
                const int64_t cursors[PARTS] = { 0, 5, LOG };
                group->stale = false;
                group_read(group, cursors, PARTS);
                group_share(group);
        }
}

/* One message, from its frames on. */
static void receive(struct broker_model *broker, struct text *input)
{
        unsigned byte = fuzz_byte(input);
        size_t size = fuzz_byte(input);
        size = size << 8 | fuzz_byte(input);
        struct text body = fuzz_take(input, size);
        const struct address from = { .size = 1, .bytes = { (char)(byte >> 6) } };
        enum verb verb = (enum verb)(byte % VERB_count);
        const struct record *record = verb_record(verb);
        struct fault fault;
        arena_clear(broker->arena);
        broker->now += byte;
        if (record && strcmp(verb_direction(verb), "from broker") != 0) {
                void *value = arena_alloc(broker->arena, record->size);
                if (codec_unpack(record, body, broker->arena, value, &fault)) {
                        hear(broker, &from, verb, value);
                }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct text input = { (const char *)data, size };
        struct broker_model broker = { .group = group_new(TEXT("g")), .arena = arena_new() };
        fill_log(&broker);
        for (int messages = 0; input.size > 0 && messages < 100; messages++) {
                receive(&broker, &input);
                group_expire(broker.group, broker.now);
                for (struct member *m = broker.group->members; m; m = m->next) {
                        deliver(&broker, m);
                }
                check_group(broker.group);
        }
        for (size_t i = 0; i <= LOG; i++) {
                buffer_clear(&broker.packed[i]);
        }
        group_destroy(&broker.group);
        arena_destroy(&broker.arena);
        return 0;
}
