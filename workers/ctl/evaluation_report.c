/*
 * evaluation_report: what is published of a network's or a year's evaluations, for people, as JSON
 * and as CSV. What is hidden is in none of its numbers.
 */
#include "common/evaluation/report.h"

#include "workers/ctl/evaluation_show.h"
#include <inttypes.h>
#include <stdio.h>

/* A list of objects; make_row gives the n-th. */
static json_t *make_list(const struct report *report, size_t count,
                         json_t *(*make_row)(const struct report *, size_t))
{
        json_t *list = json_array();
        for (size_t i = 0; i < count; i++)
                json_array_append_new(list, make_row(report, i));
        return list;
}

static json_t *make_question(const struct report *report, size_t i)
{
        const struct report_questions *q = &report->questions.row[i];
        json_t *row = json_pack("{s:o, s:o, s:I, s:o}", "municipality", ctl_text(q->municipality),
                                "question", ctl_text(q->question), "version",
                                (json_int_t)q->version, "goal", ctl_text(q->goal));
        return evaluation_add_statistics(row, q->counts);
}

static json_t *make_goal(const struct report *report, size_t i)
{
        const struct report_goals *g = &report->goals.row[i];
        json_t *row = json_pack("{s:o, s:o, s:o, s:I}", "municipality", ctl_text(g->municipality),
                                "goal", ctl_text(g->goal), "parent", ctl_text(g->parent), "edition",
                                (json_int_t)g->edition);
        return evaluation_add_statistics(row, g->counts);
}

static json_t *make_point(const struct report *report, size_t i)
{
        const struct report_course *c = &report->course.row[i];
        json_t *row = json_pack("{s:o, s:o, s:o, s:I}", "session", ctl_text(c->tally), "question",
                                ctl_text(c->question), "goal", ctl_text(c->goal),
                                c->question.at ? "version" : "edition", (json_int_t)c->version);
        return evaluation_add_statistics(row, c->counts);
}

static json_t *make_tally(const struct report *report, size_t i)
{
        const struct report_tallies *t = &report->tallies.row[i];
        json_t *sessions = json_array();
        for (size_t n = 0; n < t->sessions.count; n++)
                json_array_append_new(sessions, ctl_text(t->sessions.at[n]));
        return json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:b}", "session", ctl_text(t->tally),
                         "together", sessions, "mode", ctl_text(t->mode), "year",
                         (json_int_t)t->year, "invited", (json_int_t)t->invited, "answered",
                         (json_int_t)t->answered, "weak",
                         (int)statistics_are_weak(t->invited, t->answered));
}

static json_t *make_standing(const struct report *report, size_t i)
{
        const struct report_standings *s = &report->standings.row[i];
        return json_pack("{s:o, s:o, s:o}", "session", ctl_text(s->meeting), "network",
                         ctl_text(s->network), "standing", ctl_text(s->standing));
}

/* One line of JSON with all. */
static void print_json(const struct report *r)
{
        const double rate = r->invited ? (double)r->answered / (double)r->invited : 0;
        ctl_json(json_pack("{s:o, s:I, s:I, s:f, s:b, s:o, s:o, s:o, s:o, s:o}", "subject",
                           ctl_text(r->subject), "invited", (json_int_t)r->invited, "answered",
                           (json_int_t)r->answered, "response_rate", rate, "weak",
                           (int)statistics_are_weak(r->invited, r->answered), "sessions",
                           make_list(r, r->tallies.count, make_tally), "goals",
                           make_list(r, r->goals.count, make_goal), "questions",
                           make_list(r, r->questions.count, make_question), "course",
                           make_list(r, r->course.count, make_point), "held",
                           make_list(r, r->standings.count, make_standing)));
}

/* The sessions that are in no number, and why. */
static void print_gaps(const struct report *report)
{
        for (size_t i = 0; i < report->standings.count; i++) {
                const struct report_standings *s = &report->standings.row[i];
                if (text_equal(s->standing, TEXT("missing")))
                        printf("%.*s was held and %s\n", TEXT_ARGS(s->meeting),
                               report->of.follow_up ? "is not followed up yet"
                                                    : "has no evaluation");
                else if (text_equal(s->standing, TEXT("hidden")))
                        printf("%.*s: too few answered, results are hidden\n",
                               TEXT_ARGS(s->meeting));
                else if (text_equal(s->standing, TEXT("open")))
                        printf("%.*s is still open\n", TEXT_ARGS(s->meeting));
        }
}

/* For people: who answered, what is left out, then the table without its words' translations. */
static void print_tables(struct ctl *ctl, const struct report *report, enum language language)
{
        const struct report_table table = report_table(ctl->arena, report, language);
        const char *heads[REPORT_COLUMNS];
        printf("%.*s: %" PRId64 " of %" PRId64 " answered in the evaluations that are shown%s\n",
               TEXT_ARGS(report->subject), report->answered, report->invited,
               statistics_are_weak(report->invited, report->answered) ? ": too few to build on"
                                                                      : "");
        print_gaps(report);
        putchar('\n');
        for (size_t c = 0; c < REPORT_COLUMNS; c++)
                heads[c] = arena_string(ctl->arena, table.head[c]);
        ctl_table(heads, REPORT_COLUMNS, table.cell, table.rows);
}

int evaluation_report(struct ctl *ctl, int argc, char **argv)
{
        struct text language = TEXT("nb");
        struct report_of of = { 0 };
        struct report report;
        bool csv = false, follow_up = false;
        const struct ctl_option options[] = {
                { .name = "session", .text = &of.session },
                { .name = "network", .text = &of.network },
                { .name = "year", .number = &of.year },
                { .name = "follow-up", .flag = &follow_up },
                { .name = "language", .text = &language },
                { .name = "csv", .flag = &csv },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 0, 0, options))
                return EXIT_USAGE;
        if (csv && ctl->json)
                return ctl_fail(ctl, EXIT_USAGE, "--csv or --json, not both");
        if (of.session.at ? of.network.at || of.year : !of.network.at && !of.year)
                return ctl_fail(ctl, EXIT_USAGE,
                                "of what? --session, or --network, --year or both");
        of.follow_up = follow_up;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const bool known = report_read(tx, of, &report);
        const int code = ctl_end(ctl);
        if (code != EXIT_DONE)
                return code;
        if (!known)
                return ctl_fail(ctl, EXIT_REFUSED, "nothing of %.*s was held, or it is not shown",
                                TEXT_ARGS(report.subject));
        if (ctl->json) {
                print_json(&report);
        } else if (csv) {
                const struct text file = report_csv(ctl->arena, &report, language_of(language));
                fwrite(file.at, 1, file.size, stdout);
        } else {
                print_tables(ctl, &report, language_of(language));
        }
        return EXIT_DONE;
}
