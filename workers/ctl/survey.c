/*
 * survey: the yearly survey of the municipalities' leaders (R75): opened by a timer or by hand, and
 * which municipalities have answered (R76). What one answered is shown nowhere.
 */
#include "workers/ctl/survey.h"

#include "common/day.h"
#include "workers/ctl/ctl.h"
#include "workers/ctl/survey_sql.h"
#include <inttypes.h>
#include <stdio.h>

enum { HOUR = 9 };

void survey_set_timers(struct tx *tx)
{
        const struct surveys_ahead_rows rows = surveys_ahead(tx, day_at(tx_now(tx), NULL, NULL));
        for (size_t i = 0; i < rows.count; i++) {
                const struct surveys_ahead *row = &rows.row[i];
                timer_survey_due(tx,
                                 arena_printf(tx_arena(tx), "survey %.*s", TEXT_ARGS(row->survey)),
                                 day_time((int32_t)row->first_day, HOUR, 0),
                                 day_time((int32_t)row->last_day, 23, 59),
                                 &(struct survey_due){ row->survey });
        }
}

/* The survey's days in the wheel, if it can be open today. Else says why not. */
static bool check_open(struct ctl *ctl, struct text id, int *code)
{
        struct survey_days days;
        const int32_t today = day_at(tx_now(ctl->tx), NULL, NULL);
        const bool known = survey_days(ctl->tx, id, &days);
        *code = EXIT_REFUSED;
        if (tx_failed(ctl->tx))
                *code = ctl_end(ctl);
        else if (!known)
                ctl_fail(ctl, EXIT_REFUSED,
                         "there is no survey %.*s in the wheel; see padriver survey list",
                         TEXT_ARGS(id));
        else if (today < days.first_day || today > days.last_day)
                ctl_fail(ctl, EXIT_REFUSED, "%.*s is open from %.*s to %.*s; move it in the wheel",
                         TEXT_ARGS(id), TEXT_ARGS(day_short(ctl->arena, (int32_t)days.first_day)),
                         TEXT_ARGS(day_short(ctl->arena, (int32_t)days.last_day)));
        else
                *code = EXIT_DONE;
        return *code == EXIT_DONE;
}

/* `padriver survey open` */
static int open_now(struct ctl *ctl, int argc, char **argv)
{
        int code;
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct text id = text_of(argv[1]);
        if (!check_open(ctl, id, &code))
                return code;
        emit_survey_due(tx, &(struct survey_due){ id });
        return ctl_commit(ctl);
}

/* "3 of 17", or nothing before it is opened. */
static struct text say_answered(struct ctl *ctl, const struct surveys *row)
{
        if (row->invited == DB_NULL)
                return TEXT("-");
        return arena_printf(ctl->arena, "%" PRId64 " of %" PRId64, row->answered, row->invited);
}

static json_t *number(int64_t value)
{
        return value == DB_NULL ? json_null() : json_integer(value);
}

static void print_survey(const struct surveys *row, struct text first, struct text last)
{
        ctl_json(json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "survey", ctl_text(row->survey),
                           "first_day", ctl_text(first), "last_day", ctl_text(last), "status",
                           ctl_text(row->state), "invited", number(row->invited), "answered",
                           number(row->answered), "no_recipient", number(row->no_recipient)));
}

/* `padriver survey list` */
static int list(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "survey", "from", "to", "status", "answered" };
        enum { COLUMNS = sizeof heads / sizeof *heads };
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct surveys_rows rows = surveys(tx);
        struct text *cells = arena_array(ctl->arena, rows.count * COLUMNS, sizeof *cells);
        for (size_t i = 0; i < rows.count; i++) {
                const struct surveys *row = &rows.row[i];
                struct text *cell = cells + i * COLUMNS;
                cell[0] = row->survey;
                cell[1] = day_short(ctl->arena, (int32_t)row->first_day);
                cell[2] = day_short(ctl->arena, (int32_t)row->last_day);
                cell[3] = row->state;
                cell[4] = say_answered(ctl, row);
                if (ctl->json)
                        print_survey(row, day_iso(ctl->arena, (int32_t)row->first_day),
                                     day_iso(ctl->arena, (int32_t)row->last_day));
        }
        if (!ctl->json)
                ctl_table(heads, COLUMNS, cells, rows.count);
        return ctl_end(ctl);
}

/* `padriver survey status` */
static int status(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "number", "municipality", "area", "status" };
        enum { COLUMNS = sizeof heads / sizeof *heads };
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct survey_standing_rows rows =
                survey_standing(tx, text_of(argv[1]), day_at(tx_now(tx), NULL, NULL));
        struct text *cells = arena_array(ctl->arena, rows.count * COLUMNS, sizeof *cells);
        for (size_t i = 0; i < rows.count; i++) {
                const struct survey_standing *row = &rows.row[i];
                struct text *cell = cells + i * COLUMNS;
                if (ctl->json)
                        ctl_json(json_pack("{s:o, s:o, s:o, s:o, s:o}", "municipality",
                                           ctl_text(row->municipality), "number",
                                           ctl_text(row->number), "name", ctl_text(row->name),
                                           "area", ctl_text(row->area), "status",
                                           ctl_text(row->status)));
                cell[0] = row->number;
                cell[1] = row->name;
                cell[2] = row->area;
                cell[3] = text_equal(row->status, TEXT("no_recipient")) ? TEXT("no recipient")
                                                                        : row->status;
        }
        const int code = ctl_end(ctl);
        if (code == EXIT_DONE && rows.count == 0)
                return ctl_fail(ctl, EXIT_REFUSED,
                                "survey %s is not open yet; see padriver survey list", argv[1]);
        if (code == EXIT_DONE && !ctl->json)
                ctl_table(heads, COLUMNS, cells, rows.count);
        return code;
}

const struct command survey_commands[] = {
        { .name = "survey list",
          .summary = "Lists the surveys of the municipalities' leaders",
          .help = "A survey opens by itself at nine on the first day that the wheel gives it, and "
                  "closes with its last.\n\n"
                  "  padriver survey list\n",
          .run = list },
        { .name = "survey open",
          .arguments = "SURVEY",
          .summary = "Opens a survey within its days, or asks those who could not be asked before",
          .help = "Each party is asked by one letter: to who is responsible there, else to a "
                  "contact. Once the register\n"
                  "has somebody for a municipality that lacked a recipient, open it again.\n\n"
                  "  padriver survey open LU-2027\n",
          .run = open_now },
        { .name = "survey status",
          .arguments = "SURVEY",
          .summary = "Shows which municipalities have answered, are missing, or have no recipient",
          .help = "Results are shown of all municipalities together; those of a series over its "
                  "years, too:\n\n"
                  "  padriver survey status LU-2027\n"
                  "  padriver evaluation results LU-2027\n"
                  "  padriver evaluation report --network LU\n",
          .run = status },
        { 0 },
};
