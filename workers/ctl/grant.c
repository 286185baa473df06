/*
 * grant: what staff record of grants, and how each stands: a letter is written in its event's
 * transaction (budget.letter_register); money that came is an event alone. The budget daemon does
 * the rest.
 */
#include "workers/ctl/grant.h"

#include "common/day.h"
#include "common/money.h"
#include "workers/ctl/grant_sql.h"
#include <stdio.h>

/* Reads an option as an amount above nothing; else says what it should be. */
static bool take_amount(const struct ctl *ctl, struct text text, int64_t *ore, int *code)
{
        if (!text.at) {
                *code = ctl_fail(ctl, EXIT_USAGE, "say how much: --amount 1900000,00");
                return false;
        }
        if (!amount_parse(text, ore) || *ore <= 0) {
                *code = ctl_fail(ctl, EXIT_BAD_DATA,
                                 "'%.*s' is not an amount above 0 in kroner with at most two "
                                 "decimals, such as 1900000,00",
                                 TEXT_ARGS(text));
                return false;
        }
        return true;
}

/* Reads an option as a day if it is given. */
static bool take_day(const struct ctl *ctl, const char *option, struct text text, int64_t *day)
{
        int32_t read;

        if (!text.at)
                return true;
        if (!day_parse(text, &read)) {
                ctl_fail(ctl, EXIT_BAD_DATA, "--%s needs a day such as 2027-01-15, not '%.*s'",
                         option, TEXT_ARGS(text));
                return false;
        }
        *day = read;
        return true;
}

/* The year at the end of "grant-2027", or none. */
static int64_t year_in(struct text grant)
{
        struct text last = grant;
        int64_t year;

        for (struct text rest = grant; rest.at;)
                last = text_cut(&rest, '-');
        return last.size == 4 && text_to_int(last, &year) && year >= 2017 && year <= 2999 ? year
                                                                                          : DB_NULL;
}

/* Says that the letter is in, and when its decision names another amount. */
static void tell_letter(struct ctl *ctl, struct text grant, int64_t version, int64_t ore,
                        const struct grant_decision_of *decision)
{
        const bool other = decision->decision.at && decision->amount_ore != ore;

        if (ctl->json) {
                ctl_json(json_pack("{s:o, s:I, s:I, s:I}", "grant", ctl_text(grant), "letter",
                                   (json_int_t)version, "amount_ore", (json_int_t)ore, "position",
                                   (json_int_t)tx_position(ctl->tx, 0)));
        } else {
                const struct text amount = grant_kroner(ctl, ore);
                printf("%.*s: letter %lld of %.*s is registered, event %lld\n", TEXT_ARGS(grant),
                       (long long)version, TEXT_ARGS(amount), (long long)tx_position(ctl->tx, 0));
        }
        if (other) {
                const struct text amount = grant_kroner(ctl, decision->amount_ore);
                ctl_fail(ctl, EXIT_DONE,
                         "note: decision %.*s names %.*s; nothing is shared under this letter "
                         "before a decision names its "
                         "amount (padriver decision record, then padriver parked retry)",
                         TEXT_ARGS(decision->decision), TEXT_ARGS(amount));
        }
}

/* grant letter */
static int letter(struct ctl *ctl, int argc, char **argv)
{
        struct text amount = { 0 }, dated = { 0 }, reference = TEXT(""), funder = { 0 },
                    kind = { 0 }, conditions = TEXT(""), report_by = { 0 };
        int64_t year = DB_NULL, ore = 0, day = day_at(clock_now(ctl->clock), NULL, NULL),
                report_day = DB_NULL;
        int code = EXIT_DONE;
        const struct ctl_option options[] = {
                { .name = "amount", .text = &amount },
                { .name = "dated", .text = &dated },
                { .name = "reference", .text = &reference },
                { .name = "funder", .text = &funder },
                { .name = "kind", .text = &kind },
                { .name = "year", .number = &year },
                { .name = "conditions", .text = &conditions },
                { .name = "report-by", .text = &report_by },
                { 0 },
        };
        struct grant_letter_add added;
        struct grant_decision_of decision = { 0 };

        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return EXIT_USAGE;
        if (!take_amount(ctl, amount, &ore, &code))
                return code;
        if (!take_day(ctl, "dated", dated, &day) ||
            !take_day(ctl, "report-by", report_by, &report_day))
                return EXIT_BAD_DATA;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct text grant = text_of(argv[1]);
        grant_decision_of(tx, grant, &decision);
        grant_letter_add(tx, grant, year == DB_NULL ? year_in(grant) : year, funder, kind, ore, day,
                         reference, conditions, report_day, tx_now(tx), text_of(ctl->actor),
                         &added);
        emit_grant_letter_registered(tx, &(struct grant_letter_registered){ .grant = grant });
        code = ctl_commit(ctl);
        if (code == EXIT_DONE)
                tell_letter(ctl, grant, added.version, ore, &decision);
        return code;
}

/* grant received */
static int received(struct ctl *ctl, int argc, char **argv)
{
        struct text amount = { 0 };
        int64_t ore = 0;
        int code = EXIT_DONE;
        const struct ctl_option options[] = { { .name = "amount", .text = &amount }, { 0 } };

        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return EXIT_USAGE;
        if (!take_amount(ctl, amount, &ore, &code))
                return code;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct text grant = text_of(argv[1]);
        emit_grant_received(tx, &(struct grant_received){ .grant = grant, .amount_ore = ore });
        code = ctl_commit(ctl);
        if (code != EXIT_DONE)
                return code;
        if (ctl->json) {
                ctl_json(json_pack("{s:o, s:I, s:I}", "grant", ctl_text(grant), "amount_ore",
                                   (json_int_t)ore, "position", (json_int_t)tx_position(tx, 0)));
        } else {
                const struct text sum = grant_kroner(ctl, ore);
                printf("%.*s: %.*s received, event %lld\n", TEXT_ARGS(grant), TEXT_ARGS(sum),
                       (long long)tx_position(tx, 0));
        }
        return code;
}

const struct command grant_commands[] = {
        { .name = "grant letter",
          .arguments = "GRANT --amount KRONER [--dated DAY] [--reference TEXT] [--kind "
                       "base|project|other] "
                       "[--funder TEXT] [--year YEAR] [--conditions TEXT] [--report-by DAY]",
          .summary = "Registers a funder's letter about a grant; a second letter is a new version",
          .help = "Money is shared only once a letter and a decision name the same amount.\n"
                  "The year is taken from the grant's name (grant-2027) or from the letter's "
                  "day.\n\n"
                  "  padriver grant letter grant-2027 --amount 1900000,00 --reference 26/1201-3\n",
          .run = letter },
        { .name = "grant received",
          .arguments = "GRANT --amount KRONER",
          .summary = "Records that money of a grant arrived",
          .help = "Without the grant's letter and decision it is parked (padriver parked list) "
                  "until\n"
                  "they are there and padriver parked retry is run. Parts add up; the first one "
                  "shares\n"
                  "the whole grant out.\n\n"
                  "  padriver grant received grant-2027 --amount 1900000,00\n",
          .run = received },
        { .name = "grant show",
          .arguments = "GRANT",
          .summary = "Shows a grant's letters, what came, and each version of its shares",
          .help = "  padriver grant show grant-2027\n",
          .run = grant_show },
        { .name = "grant list",
          .summary = "Lists the grants",
          .help = "  padriver grant list\n",
          .run = grant_list },
        { 0 },
};
