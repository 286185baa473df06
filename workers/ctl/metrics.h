/*
 * metrics: what `padriver metrics` puts together: pages of several programs become one, each family
 * once, as the exposition format wants it.
 */
#pragma once

#include "common/metrics.h"
#include "workers/ctl/ctl.h"

struct gathered;

struct gathered *gathered_new(void);
void gathered_destroy(struct gathered **all);

/* Takes the samples of a page to their families. What is no sample of its family is left out. */
void gathered_add(struct gathered *all, struct text page);

/* The whole, in the order in which families first came. */
void gathered_print(const struct gathered *all, FILE *out);

/* Adds the pages of all programs that live, and which live (common/metrics.h, the file). */
void metrics_add_programs(struct gathered *all, const char *runtime_directory);

/* Reads one HTTP request from standard input; says whether it asks for the metrics. If not, it was
 * answered. */
bool http_wants_metrics(void);

/* Answers it. */
void http_answer(struct text page);
