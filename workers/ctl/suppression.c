/*
 * suppression: whom no letters go to any more, since the mail server refuses the address, the
 * person unsubscribed, or asked. A sender looks at it in the statement that claims a letter. Only a
 * person lifts it, once the address is mended. Persons are shown by number, as mail list does.
 */
#include "common/day.h"
#include "workers/ctl/ctl.h"
#include "workers/ctl/suppression_sql.h"
#include <inttypes.h>
#include <stdio.h>

/* `padriver suppression list` */
static int list(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "PERSON", "CHANNEL", "SINCE", "REASON" };
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct suppressions_rows all = suppressions(tx);
        struct text *cells = arena_array(ctl->arena, all.count * 4, sizeof *cells), *cell = cells;
        for (size_t i = 0; i < all.count; i++) {
                const struct suppressions *row = &all.row[i];
                if (ctl->json)
                        ctl_json(json_pack("{s:I,s:o,s:o,s:o}", "person", (json_int_t)row->person,
                                           "channel", ctl_text(row->channel), "reason",
                                           ctl_text(row->reason), "suppressed_at",
                                           ctl_time(ctl, row->at)));
                *cell++ = arena_printf(ctl->arena, "%" PRId64, row->person);
                *cell++ = row->channel;
                *cell++ = time_iso(ctl->arena, row->at);
                *cell++ = row->reason;
        }
        if (!ctl->json)
                ctl_table(heads, 4, cells, all.count);
        return ctl_end(ctl);
}

/* PERSON and --channel, and a transaction. False: said what is wrong, *code says how. */
static bool begin(struct ctl *ctl, int argc, char **argv, int64_t *person, struct text *channel,
                  int *code)
{
        const struct ctl_option options[] = { { .name = "channel", .text = channel }, { 0 } };
        *code = EXIT_USAGE;
        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return false;
        if (!text_to_int(text_of(argv[1]), person) || *person < 1)
                ctl_fail(ctl, EXIT_USAGE,
                         "'%s' is no person's number; see padriver mail list --json", argv[1]);
        else if (!text_equal(*channel, TEXT("all")) && !text_equal(*channel, TEXT("letters")) &&
                 !text_equal(*channel, TEXT("newsletter")))
                ctl_fail(ctl, EXIT_USAGE, "--channel is all, letters or newsletter, not '%.*s'",
                         TEXT_ARGS(*channel));
        else
                *code = ctl_tx(ctl) ? EXIT_DONE : EXIT_DOWN;
        return *code == EXIT_DONE;
}

/* Commits what was found; else gives it up, and says what is wrong with the person. */
static int finish(struct ctl *ctl, bool found, int64_t person, const char *wrong)
{
        if (found || tx_failed(ctl->tx))
                return ctl_commit(ctl);
        tx_rollback(ctl->tx);
        return ctl_fail(ctl, EXIT_REFUSED, "person %" PRId64 " %s", person, wrong);
}

/* `padriver suppression add` */
static int add(struct ctl *ctl, int argc, char **argv)
{
        struct text channel = TEXT("all");
        struct suppression_add done = { false };
        int64_t person;
        int code;
        if (!begin(ctl, argc, argv, &person, &channel, &code))
                return code;
        suppression_add(ctl->tx, person, channel, tx_now(ctl->tx), &done);
        return finish(ctl, done.known, person, "is not in the register");
}

/* `padriver suppression drop` */
static int drop(struct ctl *ctl, int argc, char **argv)
{
        struct text channel = TEXT("all");
        struct suppression_drop done = { false };
        int64_t person;
        int code;
        if (!begin(ctl, argc, argv, &person, &channel, &code))
                return code;
        suppression_drop(ctl->tx, person, channel, &done);
        return finish(ctl, done.gone, person,
                      "is not suppressed so; see padriver suppression list");
}

const struct command suppression_commands[] = {
        { .name = "suppression list",
          .summary = "Lists whom no letters go to any more, and why",
          .help = "A refusal of the address by the mail server (5xx) is listed with its answer.\n"
                  "--json: {person, channel, reason, suppressed_at} a line.\n"
                  "  padriver suppression list\n",
          .run = list },
        { .name = "suppression add",
          .arguments = "PERSON [--channel all|letters|newsletter]",
          .summary = "Stops letters to a person who asked for it",
          .help = "PERSON is the number that mail list --json shows; without --channel all letters "
                  "stop.\n"
                  "  padriver suppression add 70 --channel newsletter\n",
          .run = add },
        { .name = "suppression drop",
          .arguments = "PERSON [--channel all|letters|newsletter]",
          .summary = "Lets letters go to a person again, once the address is mended",
          .help = "Letters that were kept back meanwhile stay so.\n"
                  "  padriver suppression drop 70\n",
          .run = drop },
        { 0 },
};
