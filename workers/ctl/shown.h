/*
 * shown: events out of the store as commands show them: decoded by the tables, or by number if they
 * are newer than this program.
 */
#pragma once

#include "workers/ctl/ctl.h"

/* The fields as a JSON object; no text if they do not decode. */
struct text shown_data(struct arena *arena, int64_t type, struct text body);

/* The same as a document, null if they do not decode. */
json_t *shown_document(struct arena *arena, int64_t type, struct text body);

/* A number that may be NULL: null, or "" for people. */
json_t *shown_number(int64_t number);
struct text shown_text(struct arena *arena, int64_t number);
