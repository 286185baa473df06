/*
 * kept: what was made and never changes, such as an edition's chapters and PDF, in memory under a
 * name that says of what content. What was used the longest ago makes room.
 */
#pragma once

#include "common/text.h"

struct kept;

/* most: bytes in all. */
struct kept *kept_new(size_t most);
void kept_destroy(struct kept **kept);

/* What is kept under the name; no text: nothing. Valid until something is added. */
struct text kept_find(struct kept *kept, struct text name);

/* Keeps a copy, which it returns. */
struct text kept_add(struct kept *kept, struct text name, struct text made);
