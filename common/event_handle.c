/*
 * event_handle: from an event as it stands in the log to the call of its typed handler.
 * What was decoded lives in the transaction's arena; handlers free nothing and keep nothing.
 */
#include "common/tx.h"
#include <inttypes.h>

/* Calls the handler of the type, if there is one. */
static enum status call_handler(const struct handlers *on, struct tx *tx, enum event_type type,
                                const void *value)
{
        switch (type) {
#define EVENT(number, type, meaning, members)                                                      \
        case EVENT_##type:                                                                         \
                return on->type ? on->type(tx, value) : DONE;
#include "schemas/events.def"
#undef EVENT
        case EVENT_none:
        case EVENT_count:
                break;
        }
        return tx_reject(tx, "event type %d is not declared", (int)type);
}

/* Decodes the body and calls the handler. */
enum status event_handle(const struct handlers *on, struct tx *tx, const struct event *event)
{
        const struct record *record = event_record(event->type);
        if (!record)
                return tx_reject(tx, "event type %d is not declared", (int)event->type);
        struct fault fault;
        void *value = arena_alloc(tx_arena(tx), record->size);
        if (!codec_unpack(record, event->body, tx_arena(tx), value, &fault)) {
                return tx_reject(tx, "%s at %" PRId64 ": %s", record->name, event->position,
                                 fault.reason);
        }
        return call_handler(on, tx, event->type, value);
}
