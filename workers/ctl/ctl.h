/*
 * ctl: what the subcommands of `padriver` share. Each file NAME.c holds one family of subcommands and exports one
 * table NAME_commands; main.c lists the tables. A command returns its exit code (common/service.h); help, usage
 * errors, man page and shell completion come from the table.
 */
#pragma once

#include "common/conf.h"
#include "common/clock.h"
#include "common/service.h"
#include "common/tx.h"
#include <jansson.h>

struct ctl {
        struct conf conf;
        struct clock *clock;
        struct arena *arena;   /* lives as long as the command */
        const char *actor;     /* the OS user, or PADRIVER_ACTOR in a simulated instance */
        bool json;             /* --json: one JSON document on standard output */
        struct db *db;         /* made by ctl_tx */
        struct tx *tx;
        struct wire *wire;     /* made by ctl_wire */
};

struct command {
        const char *name;      /* "plan schedule": one or two words */
        const char *arguments; /* "MEETING [--at TIME] [--place PLACE]" */
        const char *summary;   /* one line */
        const char *help;      /* more lines for --help and the man page; may be NULL */
        /* argv[0] is the last word of the name; options are the command's own (getopt_long). --json is taken out before. */
        int (*run)(struct ctl *ctl, int argc, char **argv);
};

/* Tables end with a NULL name. */
extern const struct command backbone_commands[], import_commands[], plan_commands[], decision_commands[],
    grant_commands[], ledger_commands[], evaluation_commands[], newsletter_commands[], mail_commands[];

/* A started transaction as padriver_ctl at the clock's now. NULL: it said that the store is down; return EXIT_DOWN. */
struct tx *ctl_tx(struct ctl *ctl);

/* Commits, and wakes the broker if it runs (WAKE; harmless if not). Says what went wrong; returns the exit code. */
int ctl_commit(struct ctl *ctl);

/* "padriver plan schedule: no activity N9-S1 in the wheel; see padriver plan list" on standard error; returns code. */
int ctl_fail(const struct ctl *ctl, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Prints the document on one line (--json) and releases it. */
void ctl_json(json_t *document);

/* A table for people: columns padded by display width. Rows are arrays of count texts. */
void ctl_table(const char *const *heads, size_t count, const struct text *cells, size_t rows);

/* JSON strings and times from texts; no text gives null. */
json_t *ctl_text(struct text t);
json_t *ctl_time(struct ctl *ctl, int64_t time);
