/*
 * report: the year's report on goals and purpose (R79): compiled, published, verified. What a
 * report says is in its snapshot alone; here it is shown as it was written. What came of it is
 * report_follow.c.
 */
#include "workers/ctl/report.h"

#include "workers/ctl/report_sql.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

bool report_read_year(struct ctl *ctl, const char *word, int64_t *year)
{
        if (text_to_int(text_of(word), year) && *year >= 2000 && *year < 2200)
                return true;
        ctl_fail(ctl, EXIT_USAGE, "'%s' is no year", word);
        return false;
}

/* `padriver report compile` */
static int compile(struct ctl *ctl, int argc, char **argv)
{
        int64_t year;
        struct year_report_compile made = { 0 };
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL) || !report_read_year(ctl, argv[1], &year))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        year_report_compile(tx, year, text_of(ctl->actor), tx_now(tx), &made);
        made.sha256 = arena_copy(ctl->arena, made.sha256);
        const int code = ctl_carry_out(ctl);
        if (code != EXIT_DONE)
                return code;
        if (ctl->json)
                ctl_json(json_pack("{s:I, s:I, s:o, s:b}", "year", (json_int_t)year, "edition",
                                   (json_int_t)made.edition, "sha256", ctl_text(made.sha256),
                                   "again", made.again));
        else
                printf("report %" PRId64 ", edition %" PRId64 "%s: sha256 %.*s\n", year,
                       made.edition, made.again ? ", as it was" : "", TEXT_ARGS(made.sha256));
        return code;
}

/* `padriver report publish` */
static int publish(struct ctl *ctl, int argc, char **argv)
{
        int64_t year, edition = 0;
        struct year_report_publish done = { 0 };
        const struct ctl_option options[] = { { .name = "edition", .number = &edition }, { 0 } };
        if (!ctl_options(ctl, &argc, argv, 1, 1, options) || !report_read_year(ctl, argv[1], &year))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        year_report_publish(tx, year, edition, text_of(ctl->actor), tx_now(tx), &done);
        const int code = ctl_carry_out(ctl);
        if (code == EXIT_DONE && !ctl->json)
                printf("report %" PRId64 ", edition %" PRId64 " is published\n", year,
                       done.edition);
        return code;
}

/* `padriver report list` */
static int list(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "year", "edition", "compiled", "published", "sha256" };
        enum { COLUMNS = sizeof heads / sizeof *heads };
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct year_reports_rows rows = year_reports(tx);
        struct text *cells = arena_array(ctl->arena, rows.count * COLUMNS, sizeof *cells);
        for (size_t i = 0; i < rows.count; i++) {
                const struct year_reports *row = &rows.row[i];
                struct text *cell = cells + i * COLUMNS;
                const bool published = row->published_at != DB_NULL;
                cell[0] = arena_printf(ctl->arena, "%" PRId64, row->year);
                cell[1] = arena_printf(ctl->arena, "%" PRId64, row->edition);
                cell[2] = day_short(ctl->arena, day_at(row->compiled_at, NULL, NULL));
                cell[3] = published ? day_short(ctl->arena, day_at(row->published_at, NULL, NULL))
                                    : TEXT("-");
                cell[4] = row->sha256;
                if (ctl->json)
                        ctl_json(json_pack(
                                "{s:I, s:I, s:o, s:o, s:o}", "year", (json_int_t)row->year,
                                "edition", (json_int_t)row->edition, "sha256",
                                ctl_text(row->sha256), "compiled_at",
                                ctl_time(ctl, row->compiled_at), "published_at",
                                published ? ctl_time(ctl, row->published_at) : json_null()));
        }
        if (!ctl->json)
                ctl_table(heads, COLUMNS, cells, rows.count);
        return ctl_end(ctl);
}

/* The goals' table, for people. */
static void print_goals(struct ctl *ctl, const struct year_report_goals_rows *rows)
{
        static const char *const heads[] = { "goal", "status", "n", "4-5", "rule says", "reason" };
        enum { COLUMNS = sizeof heads / sizeof *heads };
        struct text *cells = arena_array(ctl->arena, rows->count * COLUMNS, sizeof *cells);
        for (size_t i = 0; i < rows->count; i++) {
                const struct year_report_goals *row = &rows->row[i];
                const struct statistics s = statistics_of(row->counts.at);
                struct text *cell = cells + i * COLUMNS;
                cell[0] = row->goal;
                cell[1] = row->status;
                cell[2] = arena_printf(ctl->arena, "%" PRId64, s.n);
                cell[3] = s.n ? arena_printf(ctl->arena, "%.0f %%",
                                             statistics_half_up(100 * s.share_4_5))
                              : TEXT("-");
                cell[4] = row->reason.at ? row->judged : TEXT("");
                cell[5] = row->reason.at ? row->reason : TEXT("");
        }
        ctl_table(heads, COLUMNS, cells, rows->count);
}

static void print_gaps(struct ctl *ctl, const struct year_report_gaps_rows *rows)
{
        static const char *const heads[] = { "gap", "of", "name" };
        enum { COLUMNS = sizeof heads / sizeof *heads };
        struct text *cells = arena_array(ctl->arena, rows->count * COLUMNS, sizeof *cells);
        for (size_t i = 0; i < rows->count; i++) {
                cells[i * COLUMNS] = rows->row[i].kind;
                cells[i * COLUMNS + 1] = rows->row[i].subject;
                cells[i * COLUMNS + 2] = rows->row[i].name_nb;
        }
        printf("\n");
        ctl_table(heads, COLUMNS, cells, rows->count);
}

/* Reads --edition and the year, and the edition that is meant; code: why not. */
static bool read_edition(struct ctl *ctl, int argc, char **argv, struct text *sha256, int64_t *year,
                         struct year_report *report, int *code)
{
        int64_t edition = 0;
        const struct ctl_option options[] = { { .name = "edition", .number = &edition },
                                              { .name = sha256 ? "sha256" : NULL, .text = sha256 },
                                              { 0 } };
        *code = EXIT_USAGE;
        if (!ctl_options(ctl, &argc, argv, 1, 1, options) || !report_read_year(ctl, argv[1], year))
                return false;
        struct tx *tx = ctl_tx(ctl);
        *code = EXIT_DOWN;
        if (!tx)
                return false;
        if (year_report(tx, *year, edition, report))
                return true;
        *code = ctl_end(ctl);
        *code = *code == EXIT_BAD_DATA ? EXIT_REFUSED : *code;
        return false;
}

/* `padriver report show` */
static int show(struct ctl *ctl, int argc, char **argv)
{
        int code;
        int64_t year;
        struct year_report report;
        if (!read_edition(ctl, argc, argv, NULL, &year, &report, &code))
                return code;
        if (ctl->json) {
                printf("%.*s\n", TEXT_ARGS(report.snapshot));
                return ctl_end(ctl);
        }
        const struct year_report_goals_rows goals =
                year_report_goals(ctl->tx, year, report.edition);
        const struct year_report_gaps_rows gaps = year_report_gaps(ctl->tx, year, report.edition);
        printf("report %" PRId64 ", edition %" PRId64 ", compiled %.*s%s\nsha256 %.*s\n\n", year,
               report.edition,
               TEXT_ARGS(day_short(ctl->arena, day_at(report.compiled_at, NULL, NULL))),
               report.published_at == DB_NULL ? ", not published" : ", published",
               TEXT_ARGS(report.sha256));
        print_goals(ctl, &goals);
        if (gaps.count > 0)
                print_gaps(ctl, &gaps);
        return ctl_end(ctl);
}

/* The SHA-256 of the bytes, in hexadecimal. */
static struct text hash(struct arena *arena, struct text bytes)
{
        unsigned char sum[crypto_hash_sha256_BYTES];
        char *digits = arena_raw(arena, 2 * sizeof sum + 1);
        crypto_hash_sha256(sum, (const unsigned char *)bytes.at, bytes.size);
        sodium_bin2hex(digits, 2 * sizeof sum + 1, sum, sizeof sum);
        return text_of(digits);
}

/* `padriver report verify` */
static int verify(struct ctl *ctl, int argc, char **argv)
{
        int code;
        int64_t year;
        struct text wanted = { 0 };
        struct year_report report;
        struct year_report_now now = { 0 };
        if (!read_edition(ctl, argc, argv, &wanted, &year, &report, &code))
                return code;
        const struct text sum = hash(ctl->arena, report.snapshot);
        const struct text written = arena_copy(ctl->arena, report.sha256);
        year_report_now(ctl->tx, year, &now);
        const bool same = text_equal(sum, now.sha256);
        if ((code = ctl_end(ctl)) != EXIT_DONE)
                return code;
        if (!text_equal(sum, written) || (wanted.at && !text_equal(sum, wanted)))
                return ctl_fail(ctl, EXIT_REFUSED,
                                "edition %" PRId64 " of %" PRId64
                                " was altered: its sha256 is %.*s and should be %.*s",
                                report.edition, year, TEXT_ARGS(sum),
                                TEXT_ARGS(wanted.at ? wanted : written));
        if (ctl->json)
                ctl_json(json_pack("{s:I, s:I, s:o, s:b}", "year", (json_int_t)year, "edition",
                                   (json_int_t)report.edition, "sha256", ctl_text(sum), "current",
                                   same));
        else
                printf("edition %" PRId64 " of %" PRId64 " is as it was written: sha256 %.*s\n%s\n",
                       report.edition, year, TEXT_ARGS(sum),
                       same ? "the data give the same today"
                            : "the data give another one today; padriver report compile writes it");
        return EXIT_DONE;
}

const struct command report_commands[] = {
        { .name = "report compile",
          .arguments = "YEAR",
          .summary = "Compiles the year's report from all that is published of its evaluations",
          .help = "The same data give the same bytes; there is a new edition only if they differ. "
                  "What is in it: goals and\n"
                  "their status with the evidence, sessions, the leaders' survey, findings and "
                  "changes, and every gap. It holds\n"
                  "nothing that results hide. Write its sha256 down elsewhere.\n\n"
                  "  padriver report compile 2027\n"
                  "  padriver report publish 2027\n",
          .run = compile },
        { .name = "report publish",
          .arguments = "YEAR [--edition N]",
          .summary = "Lets everybody read an edition of a year's report; the newest if none is "
                     "named",
          .help = "It cannot be taken back. Read it first: padriver report show, or the page "
                  "/staff/report/YEAR.\n\n"
                  "  padriver report publish 2027 --edition 2\n",
          .run = publish },
        { .name = "report list",
          .summary = "Lists the reports of all years with their editions",
          .help = "  padriver report list\n",
          .run = list },
        { .name = "report show",
          .arguments = "YEAR [--edition N]",
          .summary = "Shows each goal's status and what the report lacks; --json: the snapshot, "
                     "byte by byte",
          .help = "  padriver report show 2027\n"
                  "  padriver report show 2027 --json | head -c -1 | sha256sum\n",
          .run = show },
        { .name = "report verify",
          .arguments = "YEAR [--edition N] [--sha256 HEX]",
          .summary = "Checks that an edition is as it was written, and whether the data still give "
                     "it",
          .help = "With --sha256 it must be that one: what was printed when it was compiled finds "
                  "also who altered text and\n"
                  "hash alike.\n\n"
                  "  padriver report verify 2027\n",
          .run = verify },
        { .name = "report overrule",
          .arguments = "YEAR GOAL reached|partly|not|no_evidence|rule --reason TEXT",
          .summary = "Judges a goal otherwise than the rule does; both stand in the next edition",
          .help = "The rule: fewer than ten ratings are no evidence; reached where 80 % are 4 or "
                  "5, partly where 50 % are.\n"
                  "rule takes the judgement back.\n\n"
                  "  padriver report overrule 2027 N1-b partly --reason \"Fire av ti team måler "
                  "ennå ikke\"\n",
          .run = report_overrule },
        { .name = "report finding",
          .arguments = "YEAR TEXT [--goal GOAL] [--session SESSION]",
          .summary = "Records what a report shows that something should be done about",
          .help = "Write nothing in it that could point at a person.\n\n"
                  "  padriver report finding 2027 \"For lite tid til øving\" --goal N2-b\n",
          .run = report_find },
        { .name = "report findings",
          .arguments = "YEAR",
          .summary = "Lists a year's findings",
          .help = "  padriver report findings 2027\n",
          .run = report_list_findings },
        { .name = "report change",
          .arguments = "FINDING organisation|goals|methods|content TEXT --owner POSITION --due DAY",
          .summary = "Records a change that a finding leads to",
          .help = "It stands in the reports of its year and the next. When its day is past and it "
                  "is open, the start page of\n"
                  "staff says so.\n\n"
                  "  padriver report change 1 methods \"En time øving i hver samling\" --owner "
                  "koordinator-kongsberg --due 2028-03-01\n",
          .run = report_change },
        { .name = "report step",
          .arguments = "CHANGE open|done|dropped TEXT",
          .summary = "Records what became of a change",
          .help = "  padriver report step 1 done \"Prøvd i tre samlinger\"\n",
          .run = report_step },
        { .name = "report changes",
          .arguments = "[YEAR]",
          .summary = "Lists the changes that came of a year's findings, or of all; --json: with "
                     "every step",
          .help = "  padriver report changes 2027\n",
          .run = report_list_changes },
        { .name = "report used",
          .arguments = "MEETING YEAR --used TEXT --adapted TEXT",
          .summary =
                  "Records how a dialogue meeting used a year's report, and the local adaptation",
          .help = "The page /pack/YEAR/MEETING is the meeting's pack.\n\n"
                  "  padriver report used DM1 2027 --used \"Gikk gjennom målene\" --adapted \"Øver "
                  "på vaktskiftet\"\n",
          .run = report_use },
        { 0 },
};
