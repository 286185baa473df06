/*
 * ctl: what the subcommands of `padriver` share. Each file NAME.c holds one family of subcommands
 * and exports one table NAME_commands; main.c lists the tables. A command returns its exit code
 * (common/service.h); help, usage errors, man page and shell completion come from the table.
 */
#pragma once

#include "common/clock.h"
#include "common/conf.h"
#include "common/service.h"
#include "common/tx.h"
#include <jansson.h>

struct command;

struct ctl {
        struct conf conf;
        struct clock *clock;
        struct arena *arena;           /* lives as long as the command */
        const struct command *command; /* the one that runs */
        const char *actor;             /* the OS user, or PADRIVER_ACTOR in a simulated instance */
        struct text traceparent;       /* the trace that TRACEPARENT names; no text: none */
        const char *config;            /* the settings' file; NULL: all defaults */
        bool json;                     /* --json: one JSON object on each line of standard output */
        struct db *db;                 /* made by ctl_tx */
        struct tx *tx;
        struct wire *wire; /* made by ctl_wire */
};

/* Written with designated initializers: { .name = "plan list", .summary = "…", .run = list }. */
struct command {
        const char *name;      /* "plan schedule": one or two words */
        const char *arguments; /* "MEETING [--at TIME] [--place PLACE]"; NULL: none */
        const char *summary;   /* one line, in the imperative: "Puts an activity of the wheel in the
                                  calendar" */
        const char *help; /* more lines for --help and the man page, with examples; may be NULL */
        struct text (*more)(struct arena *arena); /* what help says after that, from other tables;
                                                     may be NULL */
        /* argv[0] is the last word of the name; options are the command's own (ctl_options). --json
         * is taken out before. */
        int (*run)(struct ctl *ctl, int argc, char **argv);
};

/* Tables end with a NULL name. A new family is declared here and listed in main.c. */
extern const struct command metrics_commands[];
extern const struct command publish_commands[], log_commands[], retired_commands[],
        trace_commands[], status_commands[], parked_commands[], timers_commands[], group_commands[],
        clock_commands[], settings_commands[], migrate_commands[], instance_commands[],
        key_commands[], help_commands[];
extern const struct command import_commands[], plan_commands[], decision_commands[],
        survey_commands[], report_commands[];
extern const struct command evaluation_commands[], grant_commands[], ledger_commands[],
        mail_commands[], suppression_commands[], newsletter_commands[];

/* All tables; ends with NULL. */
extern const struct command *const ctl_families[];

/* The values of an option that may be given several times. */
struct ctl_texts {
        size_t count;
        struct text at[32];
};

/* One option of a command, "--name VALUE" or "--name=VALUE"; the pointer that is set says what it
 * takes. */
struct ctl_option {
        const char *name;
        bool *flag; /* takes no value */
        struct text *text;
        struct ctl_texts *texts; /* each time another */
        int64_t *number;         /* a whole number */
        int64_t *time;           /* as ctl_time_of takes it */
};

/*
 * Takes the options out of argv (they may stand anywhere; "--" ends them); argv[1] to argv[*argc -
 * 1] are then the words, at least least and at most most of them. options ends with a NULL name and
 * may be NULL. False: it said what is wrong: return EXIT_USAGE.
 */
bool ctl_options(struct ctl *ctl, int *argc, char **argv, int least, int most,
                 const struct ctl_option *options);

/* A time as time_parse takes it, or a day: its first moment in Oslo. */
bool ctl_time_of(struct text word, int64_t *time);
#define CTL_TIMES "2027-01-27T09:00 (Oslo), 2027-01-27T08:00:00Z, or a day"

/* Reads settings and clock into ctl, and sets the actor. Not for commands: main has done it, but
 * for bare families. */
int ctl_open(struct ctl *ctl);
void ctl_close(struct ctl *ctl);

/* A started transaction as padriver_ctl at the clock's now. NULL: it said that the store is down;
 * return EXIT_DOWN. */
struct tx *ctl_tx(struct ctl *ctl);

/* Commits, and wakes the broker if it runs (WAKE; harmless if not). Says what went wrong; returns
 * the exit code. */
int ctl_commit(struct ctl *ctl);

/* As ctl_commit; what the store's rules refuse is a refusal (EXIT_REFUSED), no fault of the
 * data. */
int ctl_carry_out(struct ctl *ctl);

/* Says in the log who decided what becomes of a letter or a parked event; number DB_NULL: of all
 * that is parked in the group. */
void ctl_remedy(struct ctl *ctl, struct text owner, int64_t number, const char *remedy);

/* Ends a transaction that only read. Says what went wrong; returns the exit code. */
int ctl_end(struct ctl *ctl);

/* The connection to the broker, made at first use. NULL: the settings do not lead there; logged. */
struct wire *ctl_wire(struct ctl *ctl);

/* Tells the broker to look at the log, the timers and the clock now; does not wait for it. */
void ctl_wake(struct ctl *ctl);

/* "padriver plan schedule: no activity N9-S1 in the wheel; see padriver plan list" on standard
 * error; returns code. */
int ctl_fail(const struct ctl *ctl, int code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Prints the document on one line (--json) and releases it. */
void ctl_json(json_t *document);

/* A table for people: columns padded by display width. Rows are arrays of count texts. */
void ctl_table(const char *const *heads, size_t count, const struct text *cells, size_t rows);

/* JSON strings and times from texts; no text gives null. */
json_t *ctl_text(struct text t);
json_t *ctl_time(struct ctl *ctl, int64_t time);

/* The known name nearest to the word, for "did you mean"; NULL if none is near. Names end with
 * NULL. */
const char *ctl_nearest(const char *word, const char *const *names);
