/*
 * metrics: what a program counts of itself, in Prometheus's text exposition format (source:
 * prometheus.io, version 0.0.4). Counters are plain int64_t in a struct of the part that counts,
 * one thread, no locks; a table says what each is called. Every two seconds the program writes them
 * to RUNTIME/metrics/NAME.prom, which `padriver metrics` collects. Units are base units (seconds,
 * bytes); labels hold names of ours (groups, codes, rules), never anything of a person.
 *
 * To count something more: a member, a line in the table beside it, and ++ where it happens.
 */
#pragma once

#include "common/codec.h"

struct metric_label {
        const char *name;
        struct text value;
};

/* A page under construction. The own labels stand on each of its samples. */
struct metrics_page {
        struct buffer text;
        struct metric_label own[2];
        size_t own_count;
        const char *family; /* the one begun last */
};
void metrics_clear(struct metrics_page *page);

/* Begins a family, unless it is the one begun last; its samples follow. type: counter, gauge,
 * histogram. */
void metrics_family(struct metrics_page *page, const char *name, const char *type,
                    const char *help);

/* A sample of the family begun last; labels end with a NULL name and may be NULL. */
void metrics_count(struct metrics_page *page, const struct metric_label *labels, int64_t value);
void metrics_seconds(struct metrics_page *page, const struct metric_label *labels,
                     int64_t microseconds);

/* A counter or gauge of a struct; rows of one name stand together. label may be NULL. */
struct metric {
        const char *name, *type, *help;
        const char *label, *value;
        size_t offset; /* of an int64_t */
};
void metrics_table(struct metrics_page *page, const struct metric *table, size_t count,
                   const void *counts);

/* Counts by a word of ours, such as the code of a refusal. Words beyond the bound are counted as
 * "other". */
struct metrics_by {
        struct {
                const char *word; /* stays where it is */
                int64_t count;
        } at[24];
};
void metrics_note(struct metrics_by *by, const char *word);

/* One sample for each word, of the family begun last. */
void metrics_words(struct metrics_page *page, const char *label, const struct metrics_by *by);

/* How long something took. */
#define METRICS_BOUNDS 8
struct metrics_histogram {
        int64_t below[METRICS_BOUNDS]; /* by bound */
        int64_t count, sum;            /* microseconds */
};
void metrics_observe(struct metrics_histogram *histogram, int64_t microseconds);
void metrics_histogram(struct metrics_page *page, const char *name, const char *help,
                       const struct metrics_histogram *histogram);

/* What every program tells: its version, processor time and memory. */
void metrics_process(struct metrics_page *page);

/*
 * The program's file. The name is taken by a lock that goes with the process, so that whoever reads
 * knows whether it lives; a second process of the name writes NAME-2, and so on. NULL (logged): it
 * cannot be written; the program goes on without.
 */
struct metrics_file;
struct metrics_file *metrics_open(const char *runtime_directory, const char *name);

/* Leaves nothing behind: what ended as it should is not missed. */
void metrics_close(struct metrics_file **file);

/* Whether it is time to write again. */
bool metrics_due(const struct metrics_file *file, int64_t monotonic_ms);

/* "1", "2": which process of the name this is. */
struct text metrics_process_number(const struct metrics_file *file);

/* In one step: a reader sees the old page or the new one. */
void metrics_write(struct metrics_file *file, const struct metrics_page *page,
                   int64_t monotonic_ms);
