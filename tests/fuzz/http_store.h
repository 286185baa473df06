/*
 * http_store: stands in for all that the web face's pages ask: store, broker and printer. It
 * answers each statement as the schema would let it, and as the input's header "Store" chooses; so
 * that a path, a link or a form reaches as far as it can.
 */
#pragma once

#include "common/text.h"

#define STORE_NOW  INT64_C(1800000000000000) /* microseconds: around it lie all its times */
#define STORE_MARK "<x7>"                    /* in its words; in no page of ours */

/* What chooses the answers from now on, again and again from the beginning; no text: there is
 * nothing in the store. Lives until the next call. */
void store_choose(struct text choices);
