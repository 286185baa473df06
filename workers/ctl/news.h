/*
 * news: an event to be published, from what a person or another program wrote. Checked by the
 * tables of schemas/events.def before it goes out; the fault names the field.
 */
#pragma once

#include "common/event.h"
#include "common/wire.h"

/* From EVENT field=value …, argv[0] the event. All lives in the arena. */
bool news_from_words(struct arena *arena, int argc, char **argv, struct wire_news *news,
                     struct fault *fault);

/* From {"type", "data", "number"?}; number stays as it is if there is none. */
bool news_from_json(struct arena *arena, struct text line, struct wire_news *news, int64_t *number,
                    struct fault *fault);

/* All events and their fields, for the help. */
struct text news_help(struct arena *arena);
