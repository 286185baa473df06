/*
 * evaluation_show: what `padriver evaluation` shows of evaluations and their results.
 */
#pragma once

#include "workers/ctl/ctl.h"

int evaluation_list(struct ctl *ctl, int argc, char **argv);
int evaluation_show_results(struct ctl *ctl, int argc, char **argv);
int evaluation_report(struct ctl *ctl, int argc, char **argv);

/* Adds n, counts, median, mean and share to an object; nulls where the counts are hidden (none). */
json_t *evaluation_add_statistics(json_t *object, struct int_array counts);

/* The question's text in the language. */
struct text evaluation_words(struct text language, struct text nb, struct text nn, struct text en);
