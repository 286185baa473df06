/*
 * ledger: the books for people and auditors: entries as a table, CSV or JSON; a check that finds
 * what was planted in spite of all; reversals, the only way to correct; the chart of accounts.
 * Postings themselves are the budget daemon's.
 */
#include "workers/ctl/ctl.h"

#include "common/csv.h"
#include "common/day.h"
#include "common/money.h"
#include "workers/ctl/ledger_sql.h"
#include <stdio.h>

/* "2027/3", or nothing. */
static struct text voucher_text(const struct ctl *ctl, int64_t year, int64_t number)
{
        if (number == DB_NULL)
                return TEXT("");
        return arena_printf(ctl->arena, "%lld/%lld", (long long)year, (long long)number);
}

/* Null where there is nothing. */
static json_t *word(struct text t)
{
        return t.size ? ctl_text(t) : json_null();
}

/* One entry as a JSON object. */
static void print_json(const struct ctl *ctl, const struct ledger_entries *e)
{
        const struct text reverses = voucher_text(ctl, e->reverses_year, e->reverses_number);
        const struct text day = day_iso(ctl->arena, (int32_t)e->booked_on);

        ctl_json(json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:I, s:o, s:o, "
                           "s:o, s:o, s:o, s:o}",
                           "year", (json_int_t)e->year, "voucher", (json_int_t)e->number, "line",
                           (json_int_t)e->line, "booked_on", ctl_text(day), "account",
                           ctl_text(e->account), "function", word(e->function), "municipality",
                           word(e->municipality), "area", word(e->area), "amount_ore",
                           (json_int_t)e->amount_ore, "event", (json_int_t)e->event, "decision",
                           ctl_text(e->decision), "letter", (json_int_t)e->letter, "actor",
                           ctl_text(e->actor), "grant", ctl_text(e->grant_id), "text",
                           ctl_text(e->code), "reason", word(e->reason), "reverses", word(reverses),
                           "seal", ctl_text(e->seal)));
}

#define COLUMNS 14

/* The head of CSV and table. */
static const char *const heads[COLUMNS] = { "bilag",    "linje",   "dato",   "tekst",    "art",
                                            "funksjon", "kommune", "område", "beløp",    "tilskudd",
                                            "hendelse", "vedtak",  "brev",   "utført av" };

/* What a voucher is about, in the words of the books. */
static struct text words(const struct ctl *ctl, const struct ledger_entries *e)
{
        if (text_equal(e->code, TEXT("received")))
                return TEXT("mottatt");
        if (text_equal(e->code, TEXT("distributed")))
                return TEXT("fordelt");
        const struct text reverses = voucher_text(ctl, e->reverses_year, e->reverses_number);
        return arena_printf(ctl->arena, "tilbakeført %.*s, %.*s", TEXT_ARGS(reverses),
                            TEXT_ARGS(e->reason));
}

/* One entry's cells. */
static void fill(const struct ctl *ctl, const struct ledger_entries *e, struct text *cells)
{
        const struct text line[COLUMNS] = {
                voucher_text(ctl, e->year, e->number),
                arena_printf(ctl->arena, "%lld", (long long)e->line),
                day_short(ctl->arena, (int32_t)e->booked_on),
                words(ctl, e),
                e->account,
                e->function,
                e->municipality,
                e->area,
                amount_text(ctl->arena, e->amount_ore),
                e->grant_id,
                arena_printf(ctl->arena, "%lld", (long long)e->event),
                e->decision,
                arena_printf(ctl->arena, "%lld", (long long)e->letter),
                e->actor,
        };

        for (size_t c = 0; c < COLUMNS; c++)
                cells[c] = line[c];
}

/* All entries as CSV. */
static void print_csv(const struct ctl *ctl, const struct text *cells, size_t rows)
{
        struct text head[COLUMNS];

        for (size_t c = 0; c < COLUMNS; c++)
                head[c] = text_of(heads[c]);
        const struct text csv = csv_write(ctl->arena, head, COLUMNS, cells, rows);
        fwrite(csv.at, 1, csv.size, stdout);
}

/* ledger */
static int show(struct ctl *ctl, int argc, char **argv)
{
        struct text grant = { 0 };
        int64_t year = DB_NULL;
        bool csv = false;
        const struct ctl_option options[] = {
                { .name = "grant", .text = &grant },
                { .name = "year", .number = &year },
                { .name = "csv", .flag = &csv },
                { 0 },
        };

        if (!ctl_options(ctl, &argc, argv, 0, 0, options))
                return EXIT_USAGE;
        if (csv && ctl->json)
                return ctl_fail(ctl, EXIT_USAGE, "--csv or --json, not both");
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct ledger_entries_rows entries = ledger_entries(tx, grant, year);
        struct text *cells = arena_array(ctl->arena, entries.count * COLUMNS, sizeof *cells);
        const int code = ctl_end(ctl);
        if (code != EXIT_DONE)
                return code;
        for (size_t i = 0; i < entries.count; i++) {
                if (ctl->json)
                        print_json(ctl, &entries.row[i]);
                else
                        fill(ctl, &entries.row[i], &cells[i * COLUMNS]);
        }
        if (csv)
                print_csv(ctl, cells, entries.count);
        else if (!ctl->json)
                ctl_table(heads, COLUMNS, cells, entries.count);
        return code;
}

/* One fault, for people or programs. */
static void tell_fault(const struct ctl *ctl, const struct ledger_faults *fault)
{
        if (ctl->json)
                ctl_json(json_pack("{s:o, s:o}", "subject", ctl_text(fault->subject), "fault",
                                   ctl_text(fault->fault)));
        else
                printf("%.*s %.*s\n", TEXT_ARGS(fault->subject), TEXT_ARGS(fault->fault));
}

/* One year in order; the seal is what to write down elsewhere. */
static void tell_year(const struct ctl *ctl, const struct ledger_years *year)
{
        const struct text sum = amount_text(ctl->arena, year->balance_ore);

        if (ctl->json)
                ctl_json(json_pack("{s:I, s:I, s:I, s:o}", "year", (json_int_t)year->year,
                                   "vouchers", (json_int_t)year->number, "balance_ore",
                                   (json_int_t)year->balance_ore, "seal", ctl_text(year->seal)));
        else
                printf("%lld: %lld vouchers, trial balance %.*s, seal %.*s\n",
                       (long long)year->year, (long long)year->number, TEXT_ARGS(sum),
                       TEXT_ARGS(year->seal));
}

/* ledger check */
static int check(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct ledger_faults_rows faults = ledger_faults(tx);
        const struct ledger_years_rows years = ledger_years(tx);
        const int code = ctl_end(ctl);
        if (code != EXIT_DONE)
                return code;
        for (size_t i = 0; i < years.count; i++)
                tell_year(ctl, &years.row[i]);
        for (size_t i = 0; i < faults.count; i++)
                tell_fault(ctl, &faults.row[i]);
        if (faults.count)
                return ctl_fail(ctl, EXIT_REFUSED, "%zu faults in the books", faults.count);
        if (!ctl->json)
                printf("No fault found\n");
        return EXIT_DONE;
}

/* ledger reverse */
static int reverse(struct ctl *ctl, int argc, char **argv)
{
        struct text reason = { 0 };
        int64_t year, number;
        struct ledger_reverse made;
        const struct ctl_option options[] = { { .name = "reason", .text = &reason }, { 0 } };

        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return EXIT_USAGE;
        struct text rest = text_of(argv[1]);
        const struct text first = text_cut(&rest, '/');
        if (!text_to_int(first, &year) || !rest.at || !text_to_int(rest, &number))
                return ctl_fail(ctl, EXIT_USAGE,
                                "a voucher is YEAR/NUMBER, such as 2027/3, not '%s'", argv[1]);
        if (!reason.at)
                return ctl_fail(ctl, EXIT_USAGE, "say why with a code: --reason wrong-amount");
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        ledger_reverse(tx, tx_now(tx), year, number, reason, text_of(ctl->actor), &made);
        const int code = ctl_commit(ctl);
        if (code == EXIT_DONE && ctl->json)
                ctl_json(json_pack("{s:I, s:I, s:s}", "year", (json_int_t)made.year, "voucher",
                                   (json_int_t)made.number, "reverses", argv[1]));
        else if (code == EXIT_DONE)
                printf("%s is reversed by %lld/%lld\n", argv[1], (long long)made.year,
                       (long long)made.number);
        return code;
}

/* ledger accounts */
static int accounts(struct ctl *ctl, int argc, char **argv)
{
        static const char *const columns[] = {
                "PURPOSE", "FROM", "TO", "CODE", "FUNCTION", "NAME"
        };

        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct ledger_account_rows_rows rows = ledger_account_rows(tx);
        struct text *cells = arena_array(ctl->arena, rows.count * 6, sizeof *cells);
        for (size_t i = 0; i < rows.count; i++) {
                const struct ledger_account_rows *row = &rows.row[i];
                const struct text to = row->valid_to == DB_NULL
                                               ? TEXT("")
                                               : day_iso(ctl->arena, (int32_t)row->valid_to);
                const struct text line[] = { row->purpose,
                                             day_iso(ctl->arena, (int32_t)row->valid_from),
                                             to,
                                             row->code,
                                             row->function,
                                             row->name };
                for (size_t c = 0; c < 6; c++)
                        cells[6 * i + c] = line[c];
                if (ctl->json)
                        ctl_json(json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "purpose",
                                           ctl_text(line[0]), "valid_from", ctl_text(line[1]),
                                           "valid_to", word(to), "code", ctl_text(line[3]),
                                           "function", word(line[4]), "name", ctl_text(line[5])));
        }
        if (!ctl->json)
                ctl_table(columns, 6, cells, rows.count);
        return ctl_end(ctl);
}

/* ledger account */
static int set_account(struct ctl *ctl, int argc, char **argv)
{
        struct text from = { 0 }, code = { 0 }, function = TEXT(""), name = { 0 };
        int32_t day;
        const struct ctl_option options[] = {
                { .name = "from", .text = &from },
                { .name = "code", .text = &code },
                { .name = "function", .text = &function },
                { .name = "name", .text = &name },
                { 0 },
        };

        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return EXIT_USAGE;
        if (!from.at || !code.at || !name.at)
                return ctl_fail(ctl, EXIT_USAGE, "--from, --code and --name are needed");
        if (!day_parse(from, &day))
                return ctl_fail(ctl, EXIT_BAD_DATA,
                                "--from needs a day such as 2028-01-01, not '%.*s'",
                                TEXT_ARGS(from));
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        ledger_account_set(tx, text_of(argv[1]), day, code, function, name);
        return ctl_commit(ctl);
}

const struct command ledger_commands[] = {
        { .name = "ledger",
          .arguments = "[--grant GRANT] [--year YEAR] [--csv]",
          .summary = "Shows the entries of the ledger; a debit is positive, a credit negative",
          .help = "--csv writes UTF-8 with a byte order mark, semicolons and decimal commas,\n"
                  "as spreadsheets in Norway take it.\n\n"
                  "  padriver ledger --year 2027 --csv > ledger.csv\n",
          .run = show },
        { .name = "ledger check",
          .summary = "Checks the books: balance, gaps, seals, shares, receipts",
          .help = "Exit 1 if anything is wrong. Write the seal down where the store's keepers\n"
                  "cannot reach it: as long as padriver ledger --json shows it for that voucher,\n"
                  "nothing up to there was changed.\n\n"
                  "  padriver ledger check\n",
          .run = check },
        { .name = "ledger reverse",
          .arguments = "YEAR/NUMBER --reason CODE",
          .summary = "Corrects a voucher by posting its opposite",
          .help = "The next letter, decision or money of the grant shares it out anew.\n\n"
                  "  padriver ledger reverse 2027/3 --reason wrong-amount\n",
          .run = reverse },
        { .name = "ledger accounts",
          .summary = "Lists the accounts that the ledger books on",
          .help = "  padriver ledger accounts\n",
          .run = accounts },
        { .name = "ledger account",
          .arguments = "PURPOSE --from DAY --code CODE [--function CODE] --name TEXT",
          .summary = "Gives a purpose another account from a day on",
          .help = "  padriver ledger account income --from 2028-01-01 --code 700 --name Refusjon\n",
          .run = set_account },
        { 0 },
};
