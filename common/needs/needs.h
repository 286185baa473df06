/*
 * needs: what waits for a person, as one list: the start page of staff shows it, Monday's letter
 * brings it. Counted by web.needs (schemas/sql/0042_needs.sql); each thing has its words here, and
 * its page under /staff/ bears its name.
 */
#pragma once

#include "common/phrase.h"

/* The words of a thing, with its number in {count}; PHRASE_count: there is no such thing. */
enum phrase needs_words(struct text name);
