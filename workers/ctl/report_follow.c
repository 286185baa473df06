/*
 * report_follow: what comes of a year's report: a person's own judgement of a goal, findings, the
 * changes that they lead to (R80), and how dialogue meetings used it (R81). All of it only grows.
 */
#include "workers/ctl/report.h"

#include "workers/ctl/report_sql.h"
#include <inttypes.h>
#include <stdio.h>

/* `padriver report overrule` */
int report_overrule(struct ctl *ctl, int argc, char **argv)
{
        int64_t year;
        struct text reason = { 0 };
        const struct ctl_option options[] = { { .name = "reason", .text = &reason }, { 0 } };
        if (!ctl_options(ctl, &argc, argv, 3, 3, options) || !report_read_year(ctl, argv[1], &year))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct text status = text_of(argv[3]);
        year_report_overrule(tx, year, text_of(argv[2]),
                             text_equal(status, TEXT("rule")) ? (struct text){ 0 } : status, reason,
                             text_of(ctl->actor), tx_now(tx));
        return ctl_carry_out(ctl);
}

/* Commits, and says the number that was given. */
static int tell_number(struct ctl *ctl, const char *what, int64_t number)
{
        const int code = ctl_carry_out(ctl);
        if (code != EXIT_DONE)
                return code;
        if (ctl->json)
                ctl_json(json_pack("{s:I}", what, (json_int_t)number));
        else
                printf("%s %" PRId64 "\n", what, number);
        return code;
}

/* `padriver report finding` */
int report_find(struct ctl *ctl, int argc, char **argv)
{
        int64_t year;
        struct text goal = { 0 }, session = { 0 };
        struct year_report_find made = { 0 };
        const struct ctl_option options[] = { { .name = "goal", .text = &goal },
                                              { .name = "session", .text = &session },
                                              { 0 } };
        if (!ctl_options(ctl, &argc, argv, 2, 2, options) || !report_read_year(ctl, argv[1], &year))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        year_report_find(tx, year, text_of(argv[2]), goal, session, text_of(ctl->actor), tx_now(tx),
                         &made);
        return tell_number(ctl, "finding", made.finding);
}

/* `padriver report findings` */
int report_list_findings(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "finding", "goal", "session", "changes", "found" };
        enum { COLUMNS = sizeof heads / sizeof *heads };
        int64_t year;
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL) || !report_read_year(ctl, argv[1], &year))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct year_report_findings_rows rows = year_report_findings(tx, year);
        struct text *cells = arena_array(ctl->arena, rows.count * COLUMNS, sizeof *cells);
        for (size_t i = 0; i < rows.count; i++) {
                const struct year_report_findings *row = &rows.row[i];
                struct text *cell = cells + i * COLUMNS;
                if (ctl->json)
                        ctl_json(json_pack(
                                "{s:I, s:o, s:o, s:o, s:o, s:o, s:I}", "finding",
                                (json_int_t)row->id, "words", ctl_text(row->words), "goal",
                                ctl_text(row->goal), "session", ctl_text(row->session), "found_at",
                                ctl_time(ctl, row->found_at), "found_by", ctl_text(row->found_by),
                                "changes", (json_int_t)row->changes));
                cell[0] = arena_printf(ctl->arena, "%" PRId64, row->id);
                cell[1] = row->goal.at ? row->goal : TEXT("-");
                cell[2] = row->session.at ? row->session : TEXT("-");
                cell[3] = arena_printf(ctl->arena, "%" PRId64, row->changes);
                cell[4] = row->words;
        }
        if (!ctl->json)
                ctl_table(heads, COLUMNS, cells, rows.count);
        return ctl_end(ctl);
}

/* A whole number among the words. */
static bool read_number(struct ctl *ctl, const char *word, int64_t *number)
{
        if (text_to_int(text_of(word), number))
                return true;
        ctl_fail(ctl, EXIT_USAGE, "'%s' is no number", word);
        return false;
}

/* `padriver report change` */
int report_change(struct ctl *ctl, int argc, char **argv)
{
        int64_t finding;
        int32_t day;
        struct text owner = { 0 }, due = { 0 };
        struct year_report_change made = { 0 };
        const struct ctl_option options[] = { { .name = "owner", .text = &owner },
                                              { .name = "due", .text = &due },
                                              { 0 } };
        if (!ctl_options(ctl, &argc, argv, 3, 3, options) || !read_number(ctl, argv[1], &finding))
                return EXIT_USAGE;
        if (!owner.at || !due.at || !day_parse(due, &day))
                return ctl_fail(ctl, EXIT_USAGE, "--owner needs a position, --due a day");
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        year_report_change(tx, finding, text_of(argv[2]), text_of(argv[3]), owner, day,
                           text_of(ctl->actor), tx_now(tx), &made);
        return tell_number(ctl, "change", made.change);
}

/* `padriver report step` */
int report_step(struct ctl *ctl, int argc, char **argv)
{
        int64_t number;
        if (!ctl_options(ctl, &argc, argv, 3, 3, NULL) || !read_number(ctl, argv[1], &number))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        year_report_step(tx, number, text_of(argv[2]), text_of(argv[3]), text_of(ctl->actor),
                         tx_now(tx));
        return ctl_carry_out(ctl);
}

/* What was written of a change, in order. */
static json_t *list_steps(struct ctl *ctl, int64_t number)
{
        const struct year_report_steps_rows rows = year_report_steps(ctl->tx, number);
        json_t *all = json_array();
        for (size_t i = 0; i < rows.count; i++)
                json_array_append_new(all, json_pack("{s:o, s:o, s:o, s:o}", "state",
                                                     ctl_text(rows.row[i].state), "note",
                                                     ctl_text(rows.row[i].note), "taken_at",
                                                     ctl_time(ctl, rows.row[i].taken_at),
                                                     "taken_by", ctl_text(rows.row[i].taken_by)));
        return all;
}

/* `padriver report changes` */
int report_list_changes(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "change", "year",  "kind", "owner",
                                             "due",    "state", "what" };
        enum { COLUMNS = sizeof heads / sizeof *heads };
        int64_t year = DB_NULL;
        if (!ctl_options(ctl, &argc, argv, 0, 1, NULL) ||
            (argc > 1 && !report_read_year(ctl, argv[1], &year)))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct year_report_changes_rows rows = year_report_changes(tx, year);
        struct text *cells = arena_array(ctl->arena, rows.count * COLUMNS, sizeof *cells);
        for (size_t i = 0; i < rows.count; i++) {
                const struct year_report_changes *row = &rows.row[i];
                struct text *cell = cells + i * COLUMNS;
                cell[0] = arena_printf(ctl->arena, "%" PRId64, row->id);
                cell[1] = arena_printf(ctl->arena, "%" PRId64, row->year);
                cell[2] = row->kind;
                cell[3] = row->owner;
                cell[4] = day_short(ctl->arena, (int32_t)row->due_on);
                cell[5] = row->state;
                cell[6] = row->words;
                if (ctl->json)
                        ctl_json(json_pack(
                                "{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "change",
                                (json_int_t)row->id, "year", (json_int_t)row->year, "finding",
                                (json_int_t)row->finding, "kind", ctl_text(row->kind), "words",
                                ctl_text(row->words), "owner", ctl_text(row->owner), "due_on",
                                ctl_text(day_iso(ctl->arena, (int32_t)row->due_on)), "state",
                                ctl_text(row->state), "steps", list_steps(ctl, row->id)));
        }
        if (!ctl->json)
                ctl_table(heads, COLUMNS, cells, rows.count);
        return ctl_end(ctl);
}

/* `padriver report used` */
int report_use(struct ctl *ctl, int argc, char **argv)
{
        int64_t year;
        struct text used = { 0 }, adapted = { 0 };
        const struct ctl_option options[] = { { .name = "used", .text = &used },
                                              { .name = "adapted", .text = &adapted },
                                              { 0 } };
        if (!ctl_options(ctl, &argc, argv, 2, 2, options) || !report_read_year(ctl, argv[2], &year))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        year_report_used(tx, text_of(argv[1]), year, used, adapted, text_of(ctl->actor),
                         tx_now(tx));
        return ctl_carry_out(ctl);
}
