/*
 * traceparent: the trace that an event belongs to, in W3C's words (source: Trace Context, version
 * 00): 00-TRACE-PARENT-FLAGS in lower-case hexadecimal. It rides with an event and with what comes
 * of it, unmodified: we make no spans. One that breaks the grammar is as none, as W3C wants it: no
 * event is lost for its trace. tracestate is not carried: what stands in it is anybody's words.
 */
#pragma once

#include "common/arena.h"
#include "common/event.h"

#define TRACEPARENT_SIZE 55

/* The traceparent as version 00; no text if it is none. */
struct text traceparent_of(struct arena *arena, struct text given);

/* Whether events of the type may belong to a trace: nobody is to be linked with an answer. */
bool traceparent_may_ride(enum event_type type);
