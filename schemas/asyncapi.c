/*
 * asyncapi: writes schemas/asyncapi.yaml (AsyncAPI 3.0) from the tables of events.def and wire.def,
 * so that somebody can publish or handle events with any ZeroMQ and MessagePack library from that
 * document alone. The document is checked in; a test compares it with what this program writes.
 */
#include "common/event.h"
#include "common/log.h"
#include "common/wire.h"
#include "schemas/yaml.h"
#include <string.h>

static const char description[] =
        "The talk between Pådriver's broker and its peers. A peer is a publisher, which sends "
        "events for the log, or\n"
        "a worker, which takes a group's events in batches.\n"
        "\n"
        "Transport: ZeroMQ (ZMTP 3). The broker binds a ROUTER socket; a peer connects a DEALER "
        "socket. Use one\n"
        "thread for a socket, and set LINGER to 0 before closing. On the broker's machine the peer "
        "is known by its system\n"
        "user, who may work for group X if it is padriver-X; at another machine by its CURVE "
        "key.\n"
        "\n"
        "Framing: every message, both ways, is two frames: first the verb's name in ASCII, such as "
        "PUBLISH, then one\n"
        "MessagePack map with the fields of the verb's schema under their names. Fields may come "
        "in any order, a\n"
        "field that is missing is 0 or empty, unknown keys are skipped, a key given twice is "
        "refused. Integers are\n"
        "MessagePack integers of any width, codes and words are str, bytes are bin, lists are "
        "arrays of maps; no\n"
        "floats, no nil. Lengths are counted in bytes of UTF-8. A message of more than 4194304 "
        "bytes ends the\n"
        "connection; one that is malformed is answered by REFUSED or dropped.\n"
        "\n"
        "Life: a worker opens with HELLO and sends BEAT every second; one that is silent for five "
        "seconds loses its\n"
        "partitions. Every BEAT is answered; known 0 says that the broker knows no worker here "
        "and, to a worker, asks for a\n"
        "new HELLO. After five seconds without any message from the broker a worker closes its "
        "socket and connects anew.\n"
        "A publisher needs no BEAT, and HELLO only to learn its source's last number. After five "
        "seconds of silence it, too,\n"
        "connects anew: another broker may have taken over from one that stands still. Leave "
        "ZeroMQ's own heartbeats off\n"
        "(ZMQ_HEARTBEAT_IVL): they are not needed here, and libzmq 4.3 has a fault in them.\n"
        "\n"
        "Publishing: PUBLISH carries events, each with its type's name and its fields packed as a "
        "MessagePack map of\n"
        "its own (the schemas under x-events). The answer is ACCEPTED: the events are on disk and "
        "will reach every\n"
        "subscribed group; or REFUSED: nothing of the message was taken, its reason says why; or "
        "nothing: the outcome is\n"
        "unknown, and the publisher asks again with the same number. number comes back in the "
        "answer.\n"
        "\n"
        "Numbered sources: a publisher that may ask twice names a source in HELLO and numbers its "
        "events 1, 2, 3, …\n"
        "The broker answers HELLO by ACCEPTED with the source's last number on disk. A PUBLISH of "
        "three events with number 8\n"
        "carries the numbers 8, 9 and 10. What is at or below the last number is skipped and "
        "confirmed, so asking\n"
        "again is harmless; a gap is refused with code gap. Without a source, leave it empty: then "
        "an event asked for twice\n"
        "is in the log twice, and number only tells answers apart.\n"
        "\n"
        "Working: HELLO names a group made by the operator and the types that it handles; its "
        "number comes back in\n"
        "TAKE, which gives the worker its partitions, all it now holds, each with its cursor. NEXT "
        "grants credit; each\n"
        "BATCH uses up one. A batch is handled in one transaction that moves the cursors from from "
        "to to, and NEXT then\n"
        "tells the new cursors and the batch's number. LATER says that a partition cannot go on "
        "now.";

/* One field as JSON Schema. Lengths in JSON Schema are characters, ours bytes: theirs is the wider
 * bound. */
static json_t *describe_field(const struct field *field)
{
        const char *about = field->meaning;
        switch (field->kind) {
        case FIELD_INT:
                return json_pack("{ss ss ss sI sI}", "type", "integer", "format", "int64",
                                 "description", about, "minimum", (json_int_t)field->least,
                                 "maximum", (json_int_t)field->most);
        case FIELD_CODE:
                return json_pack(
                        "{ss ss ss sI sI}", "type", "string", "description", about, "pattern",
                        field->least ? "^[A-Za-z0-9./_-]+$" : "^[A-Za-z0-9./_-]*$", "minLength",
                        (json_int_t)field->least, "maxLength", (json_int_t)field->most);
        case FIELD_TEXT:
                return json_pack("{ss ss sI}", "type", "string", "description", about, "maxLength",
                                 (json_int_t)field->most);
        case FIELD_BYTES:
                return json_pack("{ss ss ss sI}", "type", "string", "format", "binary",
                                 "description", about, "maxLength", (json_int_t)field->most);
        case FIELD_LIST:
                return json_pack("{ss ss sI s{ss+}}", "type", "array", "description", about,
                                 "maxItems", (json_int_t)field->most, "items", "$ref",
                                 "#/components/schemas/", field->items()->name);
        }
        panic("field %s is of no kind", field->name);
}

/* Whether zero or empty, which a missing field is, is out of its bounds. */
static bool is_required(const struct field *field)
{
        static const union {
                int64_t number;
                struct text text;
                struct list list;
        } zero;
        return !field_check(field, &zero, NULL);
}

/* A record as JSON Schema. */
static json_t *describe_record(const struct record *record)
{
        json_t *properties = json_object();
        json_t *required = json_array();
        for (size_t i = 0; i < record->field_count; i++) {
                const struct field *field = &record->fields[i];
                json_object_set_new(properties, field->name, describe_field(field));
                if (is_required(field))
                        json_array_append_new(required, json_string(field->name));
        }
        json_t *schema = json_pack("{ss ss so}", "type", "object", "description", record->meaning,
                                   "properties", properties);
        if (json_array_size(required) > 0)
                json_object_set(schema, "required", required);
        json_decref(required);
        return schema;
}

/* The schemas of a verb and of all that its lists hold. */
static void add_schemas(json_t *schemas, const struct record *record)
{
        for (size_t i = 0; i < record->field_count; i++)
                if (record->fields[i].kind == FIELD_LIST)
                        add_schemas(schemas, record->fields[i].items());
        if (!json_object_get(schemas, record->name))
                json_object_set_new(schemas, record->name, describe_record(record));
}

/* The schemas of all verbs, their parts, and all events. */
static json_t *describe_schemas(void)
{
        json_t *schemas = json_object();
        json_t *names = json_array();
        for (int verb = 1; verb < VERB_count; verb++)
                add_schemas(schemas, verb_record((enum verb)verb));
        for (int type = 1; type < EVENT_count; type++) {
                if (event_record(type)) {
                        json_object_set_new(schemas, event_name(type),
                                            describe_record(event_record(type)));
                        json_array_append_new(names, json_string(event_name(type)));
                }
        }
        json_t *news = json_object_get(json_object_get(schemas, "wire_news"), "properties");
        json_object_set_new(json_object_get(news, "type"), "enum", names);
        return schemas;
}

/* The event types: their numbers, keys and schemas. */
static json_t *describe_events(void)
{
        json_t *events = json_object();
        for (int type = 1; type < EVENT_count; type++) {
                const struct record *record = event_record(type);
                if (record) {
                        json_object_set_new(events, record->name,
                                            json_pack("{si ss ss s{ss+}}", "number", type,
                                                      "summary", record->meaning, "key",
                                                      record->fields[0].name, "schema", "$ref",
                                                      "#/components/schemas/", record->name));
                }
        }
        return events;
}

/* A verb's two frames: the name, as a header, and the map. */
static json_t *describe_message(enum verb verb)
{
        return json_pack("{ss ss ss ss s{ss s{s{ss ss ss}} s[s]} s{ss+}}", "name", verb_name(verb),
                         "title", verb_name(verb), "summary", verb_meaning(verb), "contentType",
                         "application/msgpack", "headers", "type", "object", "properties", "verb",
                         "type", "string", "const", verb_name(verb), "description",
                         "the first frame, as it is", "required", "verb", "payload", "$ref",
                         "#/components/schemas/", verb_record(verb)->name);
}

/* A list of references to the channel's messages, ended by VERB_none. */
static json_t *list_messages(const enum verb *verbs)
{
        json_t *list = json_array();
        for (; *verbs != VERB_none; verbs++) {
                json_array_append_new(list,
                                      json_pack("{ss+}", "$ref", "#/channels/broker/messages/",
                                                verb_name(*verbs)));
        }
        return list;
}

/* What answers a verb, if anything does; the meaning of each says when. */
static const enum verb *answers_to(enum verb verb)
{
        static const enum verb none[] = { VERB_none };
        static const enum verb hello[] = { VERB_TAKE, VERB_ACCEPTED, VERB_REFUSED, VERB_none };
        static const enum verb next[] = { VERB_BATCH, VERB_none };
        static const enum verb publish[] = { VERB_ACCEPTED, VERB_REFUSED, VERB_none };
        return verb == VERB_HELLO     ? hello
               : verb == VERB_NEXT    ? next
               : verb == VERB_PUBLISH ? publish
                                      : none;
}

/* What the broker receives or sends. */
static void add_operation(json_t *operations, const char *action, enum verb verb)
{
        char name[60];
        snprintf(name, sizeof name, "%s%s", action, verb_name(verb));
        json_t *operation = json_pack("{ss s{ss} ss so}", "action", action, "channel", "$ref",
                                      "#/channels/broker", "summary", verb_meaning(verb),
                                      "messages", list_messages((enum verb[]){ verb, VERB_none }));
        const enum verb *answers = answers_to(verb);
        if (*answers != VERB_none && strcmp(action, "receive") == 0) {
                json_object_set_new(operation, "reply",
                                    json_pack("{s{ss} so}", "channel", "$ref", "#/channels/broker",
                                              "messages", list_messages(answers)));
        }
        json_object_set_new(operations, name, operation);
}

/* The operations of the broker, which is the application that the document describes. */
static json_t *describe_operations(void)
{
        json_t *operations = json_object();
        for (int n = 1; n < VERB_count; n++) {
                enum verb verb = (enum verb)n;
                if (strcmp(verb_direction(verb), "from broker") != 0)
                        add_operation(operations, "receive", verb);
                if (strcmp(verb_direction(verb), "to broker") != 0)
                        add_operation(operations, "send", verb);
        }
        return operations;
}

/* Where the broker listens to other machines, if the operator wants it to. */
static json_t *describe_remote(void)
{
        return json_pack(
                "{ss ss ss s{s{ss} s{ss ss}} s[{ss}]}", "host", "{address}:{port}", "protocol",
                "tcp", "description",
                "To other machines, if the setting broker.remote names an endpoint: the ZeroMQ "
                "endpoint is tcp://{address}:{port}, with the mechanism CURVE alone",
                "variables", "address", "description", "the broker's machine", "port", "default",
                "5570", "description", "the setting broker.remote", "security", "$ref",
                "#/components/securitySchemes/curve");
}

/* What is needed there. */
static json_t *describe_security(void)
{
        return json_pack(
                "{s{ss ss}}", "curve", "type", "asymmetricEncryption", "description",
                "CURVE (ZeroMQ RFC 26). The client sets the broker's public key and its own key "
                "pair; its certificate in the broker's list says which events it may publish and "
                "which groups it may work for. What is outside that is REFUSED with code "
                "forbidden. A key that is not on the list is turned away in the handshake; one "
                "that is taken off is refused at its next message.");
}

/* Where the broker listens. */
static json_t *describe_servers(void)
{
        return json_pack("{s{ss ss ss ss s{s{ss ss}}} so}", "ipc", "host", "{runtime}", "pathname",
                         "/broker", "protocol", "ipc", "description",
                         "On the broker's machine: the ZeroMQ endpoint is ipc://{runtime}/broker",
                         "variables", "runtime", "default", "/run/padriver", "description",
                         "the setting place.runtime", "tcp", describe_remote());
}

/* The one channel, with all verbs. */
static json_t *describe_channels(void)
{
        json_t *messages = json_object();
        for (int verb = 1; verb < VERB_count; verb++) {
                const char *name = verb_name((enum verb)verb);
                json_object_set_new(messages, name,
                                    json_pack("{ss+}", "$ref", "#/components/messages/", name));
        }
        return json_pack(
                "{s{sn ss s[{ss} {ss}] so}}", "broker", "address", "description",
                "The broker's ROUTER socket. There are no topics: the address is the server's.",
                "servers", "$ref", "#/servers/ipc", "$ref", "#/servers/tcp", "messages", messages);
}

/* The messages of all verbs. */
static json_t *describe_messages(void)
{
        json_t *messages = json_object();
        for (int verb = 1; verb < VERB_count; verb++) {
                json_object_set_new(messages, verb_name((enum verb)verb),
                                    describe_message((enum verb)verb));
        }
        return messages;
}

int main(void)
{
        json_t *document = json_pack(
                "{ss s{ss ss ss s{ss ss}} ss so so so so s{so so so}}", "asyncapi", "3.0.0", "info",
                "title", "Pådriver: the broker's talk", "version", PADRIVER_VERSION, "description",
                description, "license", "name", "EUPL-1.2", "url", "https://eupl.eu/1.2/en/",
                "defaultContentType", "application/msgpack", "servers", describe_servers(),
                "channels", describe_channels(), "operations", describe_operations(), "x-events",
                describe_events(), "components", "messages", describe_messages(), "schemas",
                describe_schemas(), "securitySchemes", describe_security());
        if (!document)
                panic("a part of the document does not fit together");
        puts("# Written by schemas/asyncapi.c from events.def and wire.def: change those, then "
             "run");
        puts("# build/dev/schemas/asyncapi > schemas/asyncapi.yaml");
        yaml_write(document, stdout);
        json_decref(document);
        return 0;
}
