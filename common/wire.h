/*
 * wire: the talk between broker and peers (schemas/wire.def): a struct and record for each verb,
 * and a DEALER socket for workers and publishers. Only this module and the broker's peer.c and
 * door.c touch ZeroMQ. A message is two frames: the verb's name and one MessagePack map.
 */
#pragma once

#include "common/codec.h"
#include "common/conf.h"

#define INT(name, least, greatest, meaning) int64_t name;
#define CODE(name, most, meaning)           struct text name;
#define WORDS(name, most, meaning)          struct text name;
#define BYTES(name, most, meaning)          struct text name;
#define LIST(name, most, record, meaning)   struct list name;
#define RECORD(name, meaning, fields)                                                              \
        struct name {                                                                              \
                fields                                                                             \
        };
#define VERB(number, NAME, name, direction, meaning, fields) RECORD(name, meaning, fields)
#include "schemas/wire.def"
#undef INT
#undef CODE
#undef WORDS
#undef BYTES
#undef LIST
#undef RECORD
#undef VERB

enum verb {
        VERB_none = 0,
#define RECORD(name, meaning, fields)
#define VERB(number, NAME, name, direction, meaning, fields) VERB_##NAME = number,
#include "schemas/wire.def"
#undef RECORD
#undef VERB
        VERB_count
};

/* The greatest message taken at either end, in bytes; larger ones end the peer's connection. */
#define WIRE_MOST (4 * 1024 * 1024)

const struct record *verb_record(enum verb verb);
const char *verb_name(enum verb verb);
enum verb verb_named(struct text name);
const char *verb_direction(enum verb verb);
const char *verb_meaning(enum verb verb);

/* A peer's end. */
struct wire;

/* ZeroMQ connects when it can; by CURVE to a broker at another machine. NULL: the settings or the
 * certificate are wrong, logged. */
struct wire *wire_connect(const struct conf *conf);
void wire_destroy(struct wire **wire);

/* Sends; value passes codec_check. False if the peer's queue is full: the message is dropped. */
bool wire_send(struct wire *wire, enum verb verb, const void *value);

/*
 * The next message, waiting at most timeout_ms; VERB_none if there is none or it was malformed
 * (logged, dropped). *value is the verb's struct, in the arena with all it points to.
 */
enum verb wire_receive(struct wire *wire, int timeout_ms, struct arena *arena, const void **value);
