/*
 * log: the event log as people and programs read it. Read page by page, so that a long log costs no
 * memory; --follow goes on with what comes.
 */
#include "workers/ctl/ctl.h"

#include "common/day.h"
#include "common/instance.h"
#include "workers/ctl/log_sql.h"
#include "workers/ctl/shown.h"
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define PAGE     500
#define PAUSE_MS 200

/* What is asked for. */
struct filter {
        int64_t from, to, last; /* 0: not said */
        int64_t type;           /* 0: all */
        struct text key;        /* no text: all */
        bool follow;
        struct text instance; /* whose log it is */
};

/* As CloudEvents 1.0, with position, actor and cause as extensions, and traceparent, by the
 * extension for distributed tracing, if there is one. */
static void print_cloud_event(const struct filter *filter, struct arena *arena,
                              const struct events_between *event)
{
        struct text id =
                arena_printf(arena, "%.*s/%" PRId64, TEXT_ARGS(filter->instance), event->position);
        struct text at = time_iso(arena, event->at);
        ctl_json(json_pack("{s:s,s:o,s:o,s:s,s:o,s:o,s:I,s:o,s:o,s:o*,s:o}", "specversion", "1.0",
                           "id", ctl_text(id), "source", ctl_text(filter->instance), "type",
                           event_name(event->type), "time", ctl_text(at), "subject",
                           ctl_text(event->key), "position", event->position, "actor",
                           event->actor.size ? ctl_text(event->actor) : json_null(), "cause",
                           shown_number(event->cause), "traceparent",
                           event->traceparent.at ? ctl_text(event->traceparent) : NULL, "data",
                           shown_document(arena, event->type, event->body)));
}

/* One line for people. */
static void print_line(struct arena *arena, const struct events_between *event)
{
        struct text data = shown_data(arena, event->type, event->body);
        printf("%8" PRId64 "  %s  %-23s  %.*s", event->position, time_iso(arena, event->at).at,
               event_name(event->type), TEXT_ARGS(data));
        if (event->actor.size)
                printf("  by %.*s", TEXT_ARGS(event->actor));
        if (event->cause != DB_NULL)
                printf("  because of %" PRId64, event->cause);
        putchar('\n');
}

/* One page after the position, which moves to what was read; false once nothing more is there. */
static bool print_page(struct ctl *ctl, const struct filter *filter, int64_t upto, int64_t *after,
                       int *code)
{
        struct tx *tx = ctl_tx(ctl);
        if (!tx) {
                *code = EXIT_DOWN;
                return false;
        }
        struct events_between_rows page =
                events_between(tx, *after, upto, filter->type, filter->key, PAGE);
        for (size_t i = 0; i < page.count; i++) {
                if (ctl->json)
                        print_cloud_event(filter, tx_arena(tx), &page.row[i]);
                else
                        print_line(tx_arena(tx), &page.row[i]);
        }
        *after = page.count == PAGE ? page.row[page.count - 1].position : upto;
        *code = ctl_end(ctl);
        return *code == EXIT_DONE && page.count == PAGE;
}

/* How far the log goes now, all of it on disk, and where the last so many events begin. False:
 * *code, said. */
static bool find_range(struct ctl *ctl, const struct filter *filter, int64_t *after, int64_t *upto,
                       int *code)
{
        struct log_ends ends = { 0 };
        struct first_of_last first = { DB_NULL };
        struct tx *tx = ctl_tx(ctl);
        *code = EXIT_DOWN;
        if (!tx)
                return false;
        log_ends(tx, &ends);
        int64_t lost = filter->from ? filter->from : filter->to; /* asked for by name */
        if (lost && lost < ends.first && !tx_failed(tx)) {
                tx_rollback(tx);
                *code = ctl_fail(ctl, EXIT_REFUSED,
                                 "position %" PRId64 " is retired: the log begins at %" PRId64
                                 "; see padriver retired list",
                                 lost, ends.first);
                return false;
        }
        *upto = filter->to && filter->to < ends.head ? filter->to : ends.head;
        if (*upto > *after)
                flush_log(tx);
        if (filter->last) {
                first_of_last(tx, *after, *upto, filter->type, filter->key, filter->last, &first);
                *after = first.position == DB_NULL ? *upto : first.position - 1;
        }
        *code = ctl_end(ctl);
        return *code == EXIT_DONE;
}

/* Everything from the position on, for ever. */
static int follow(struct ctl *ctl, struct filter *filter, int64_t after)
{
        const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
        int code = EXIT_DONE;
        filter->last = 0;
        while (code == EXIT_DONE) {
                int64_t upto;
                fflush(stdout);
                nanosleep(&pause, NULL);
                if (!find_range(ctl, filter, &after, &upto, &code))
                        return code;
                while (after < upto && print_page(ctl, filter, upto, &after, &code))
                        continue;
        }
        return code;
}

/* Shows what the filter asks for. */
static int show(struct ctl *ctl, struct filter *filter)
{
        int64_t after = filter->from > 0 ? filter->from - 1 : 0, upto;
        int code = EXIT_DONE;
        if (!find_range(ctl, filter, &after, &upto, &code))
                return code;
        while (after < upto && print_page(ctl, filter, upto, &after, &code))
                continue;
        return code == EXIT_DONE && filter->follow ? follow(ctl, filter, after) : code;
}

/* `padriver log` */
static int show_log(struct ctl *ctl, int argc, char **argv)
{
        struct filter filter = { 0 };
        struct text type = { 0 };
        const struct ctl_option options[] = {
                { .name = "from", .number = &filter.from },
                { .name = "to", .number = &filter.to },
                { .name = "last", .number = &filter.last },
                { .name = "type", .text = &type },
                { .name = "key", .text = &filter.key },
                { .name = "follow", .flag = &filter.follow },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 0, 0, options))
                return EXIT_USAGE;
        if (filter.from < 0 || filter.to < 0 || filter.last < 0)
                return ctl_fail(ctl, EXIT_USAGE, "positions and numbers begin at 1");
        if (filter.to && filter.follow)
                return ctl_fail(ctl, EXIT_USAGE, "--follow has no end: leave --to out");
        filter.type = type.at ? event_named(type) : 0;
        if (type.at && filter.type == 0)
                return ctl_fail(ctl, EXIT_USAGE,
                                "there is no event '%.*s'; see padriver publish --help",
                                TEXT_ARGS(type));
        struct instance *instance =
                ctl->json ? instance_open(ctl->conf.place_state, ctl->conf.place_runtime) : NULL;
        if (ctl->json && !instance)
                return EXIT_SETTINGS;
        filter.instance = instance ? arena_copy(ctl->arena, instance_id(instance)) : TEXT("");
        instance_close(&instance);
        return show(ctl, &filter);
}

const struct command log_commands[] = {
        { .name = "log",
          .arguments = "[--from P] [--to P] [--last N] [--type EVENT] [--key KEY] [--follow]",
          .summary = "Shows the events of the log, oldest first",
          .help = "It begins where the oldest event is held: what came before is retired (padriver "
                  "retired list).\n"
                  "--json: CloudEvents 1.0 a line: {specversion, id, source, type, time, subject, "
                  "position, actor, cause,\n"
                  "traceparent, data}; subject is the key, cause the position of the event that "
                  "led to it, traceparent\n"
                  "the trace it belongs to, if it does: a command's events belong to the one in "
                  "the environment's TRACEPARENT.\n"
                  "  padriver log --last 20\n"
                  "  padriver log --key N1-S1 --json\n"
                  "  padriver log --type session_held --follow\n",
          .run = show_log },
        { 0 },
};
