/*
 * import: the files that the words of `padriver import` name, read and taken apart; every fault in
 * them is said on standard error, and a word with a fault gives EXIT_BAD_DATA.
 */
#pragma once

#include "common/register/import.h"
#include "workers/ctl/ctl.h"

#define IMPORT_MOST_FILES 1000

/* Adds to files what the word names: a file, or the .csv and .json files of a directory. */
int import_add_word(struct ctl *ctl, json_t *files, const char *word);

/* Says that a line of a file cannot be taken; line 0 and no column are left out. */
void import_complain(struct text file, int64_t line, struct text column, struct text reason);
