/*
 * decision: the subcommands about what bodies decide. A decision about a grant says which pots it
 * goes into; what does not add up, or the body may not decide, is refused by the owner's function.
 */
#include "common/day.h"
#include "common/money.h"
#include "common/plan/plan.h"
#include "common/plan/plan_sql.h"
#include "workers/ctl/ctl.h"
#include <stdio.h>

#define MOST_WEIGHTS 400

/* What the options say, before it is taken apart. */
struct said {
        struct text body, meeting, matter, grant, amount, subject, on, weights;
        struct ctl_texts pots;
};

/* "areas=1600000,00", or "reserve:host=300000,00" when the pot's name is not its kind. */
static bool read_pot(struct ctl *ctl, struct text pot, struct text *name, struct text *kind,
                     int64_t *ore)
{
        struct text amount = pot, left = text_cut(&amount, '=');
        *kind = left;
        *name = text_cut(kind, ':');
        if (!kind->at)
                *kind = *name;
        if ((text_equal(*kind, TEXT("areas")) || text_equal(*kind, TEXT("host"))) && name->size &&
            amount.at && amount_parse(amount, ore))
                return true;
        ctl_fail(ctl, EXIT_USAGE,
                 "--pot needs areas=AMOUNT, host=AMOUNT or NAME:areas=AMOUNT, not '%.*s'",
                 TEXT_ARGS(pot));
        return false;
}

static bool read_pots(struct ctl *ctl, const struct ctl_texts *pots, struct plan_decision *d)
{
        struct text *names = arena_array(ctl->arena, pots->count + 1, sizeof *names);
        struct text *kinds = arena_array(ctl->arena, pots->count + 1, sizeof *kinds);
        int64_t *amounts = arena_array(ctl->arena, pots->count + 1, sizeof *amounts);
        for (size_t i = 0; i < pots->count; i++)
                if (!read_pot(ctl, pots->at[i], &names[i], &kinds[i], &amounts[i]))
                        return false;
        d->pots = (struct text_array){ names, pots->count };
        d->kinds = (struct text_array){ kinds, pots->count };
        d->amounts = (struct int_array){ amounts, pots->count };
        return true;
}

/* "hallingdal=2,kongsberg=1": areas and whole numbers. */
static bool read_weights(struct ctl *ctl, struct text text, struct plan_decision *d)
{
        struct text *areas = arena_array(ctl->arena, MOST_WEIGHTS, sizeof *areas);
        int64_t *weights = arena_array(ctl->arena, MOST_WEIGHTS, sizeof *weights);
        size_t count = 0;
        for (struct text rest = text; rest.at; count++) {
                struct text weight = text_cut(&rest, ',');
                struct text area = text_trim(text_cut(&weight, '='));
                if (count == MOST_WEIGHTS || !area.size || !weight.at ||
                    !text_to_int(text_trim(weight), &weights[count]) || weights[count] < 1) {
                        ctl_fail(ctl, EXIT_USAGE,
                                 "--weights needs AREA=NUMBER,AREA=NUMBER..., not '%.*s'",
                                 TEXT_ARGS(text));
                        return false;
                }
                areas[count] = area;
        }
        d->areas = (struct text_array){ areas, count };
        d->weights = (struct int_array){ weights, count };
        return true;
}

/* The day of the decision: as said, else the meeting's, else today. */
static bool read_day(struct ctl *ctl, struct text on, struct plan_decision *d)
{
        struct meeting_start start;
        int32_t day;
        if (on.at && !day_parse(on, &day)) {
                ctl_fail(ctl, EXIT_USAGE, "--on needs a day such as 2027-02-09, not '%.*s'",
                         TEXT_ARGS(on));
                return false;
        }
        if (!on.at)
                day = day_at(d->meeting.at && meeting_start(ctl->tx, d->meeting, &start)
                                     ? start.starts_at
                                     : tx_now(ctl->tx),
                             NULL, NULL);
        d->decided_on = day;
        return true;
}

/* Everything but the day, which needs the store. */
static bool read_decision(struct ctl *ctl, const struct said *said, struct plan_decision *d)
{
        struct text grant = said->grant;
        d->body = said->body;
        d->meeting = said->meeting;
        d->grant = grant;
        d->matter = said->matter.at ? said->matter : grant.at ? TEXT("base_grant") : TEXT("other");
        d->subject = said->subject.at ? said->subject : grant;
        if (!d->body.at || !d->subject.at)
                ctl_fail(ctl, EXIT_USAGE, "give --body, and --grant or --subject");
        else if (grant.at && (!said->amount.at || !amount_parse(said->amount, &d->amount_ore)))
                ctl_fail(ctl, EXIT_USAGE, "--grant needs --amount, such as 1900000,00");
        else if (!grant.at && (said->amount.at || said->pots.count || said->weights.at))
                ctl_fail(ctl, EXIT_USAGE, "--amount, --pot and --weights need --grant");
        else
                return read_pots(ctl, &said->pots, d) && read_weights(ctl, said->weights, d);
        return false;
}

/* padriver decision record ID … */
static int run_record(struct ctl *ctl, int argc, char **argv)
{
        struct said said = { 0 };
        struct plan_decision d = { 0 };
        const struct ctl_option options[] = { { .name = "body", .text = &said.body },
                                              { .name = "meeting", .text = &said.meeting },
                                              { .name = "matter", .text = &said.matter },
                                              { .name = "grant", .text = &said.grant },
                                              { .name = "amount", .text = &said.amount },
                                              { .name = "pot", .texts = &said.pots },
                                              { .name = "weights", .text = &said.weights },
                                              { .name = "subject", .text = &said.subject },
                                              { .name = "on", .text = &said.on },
                                              { 0 } };
        if (!ctl_options(ctl, &argc, argv, 1, 1, options) || !read_decision(ctl, &said, &d))
                return EXIT_USAGE;
        if (!ctl_tx(ctl))
                return EXIT_DOWN;
        d.id = text_of(argv[1]);
        if (!read_day(ctl, said.on, &d)) {
                tx_rollback(ctl->tx);
                return EXIT_USAGE;
        }
        plan_decide(ctl->tx, &d);
        int code = ctl_commit(ctl);
        if (code == EXIT_DONE && !ctl->json)
                printf("decision %s is recorded\n", argv[1]);
        return code;
}

/* The pots of a decision as JSON. */
static json_t *pots_json(struct ctl *ctl, struct text decision)
{
        json_t *pots = json_array();
        struct pots_of_rows rows = pots_of(ctl->tx, decision);
        for (size_t i = 0; i < rows.count; i++) {
                const struct pots_of *p = &rows.row[i];
                json_t *weights = json_object();
                for (size_t w = 0; w < p->areas.count; w++)
                        json_object_set_new(weights, arena_string(ctl->arena, p->areas.at[w]),
                                            json_integer(p->weights.at[w]));
                json_array_append_new(pots,
                                      json_pack("{s:o,s:o,s:I,s:o}", "pot", ctl_text(p->pot),
                                                "kind", ctl_text(p->kind), "amount_ore",
                                                (json_int_t)p->amount_ore, "weights", weights));
        }
        return pots;
}

/* One decision as JSON, with its pots. */
static void show_json(struct ctl *ctl, const struct decisions *d)
{
        ctl_json(json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "decision", ctl_text(d->id),
                           "matter", ctl_text(d->matter), "body", ctl_text(d->body), "meeting",
                           ctl_text(d->meeting), "decided_on",
                           ctl_text(day_iso(ctl->arena, (int32_t)d->decided_on)), "subject",
                           ctl_text(d->subject), "grant", ctl_text(d->grant_id), "amount_ore",
                           d->amount_ore == DB_NULL ? json_null() : json_integer(d->amount_ore),
                           "pots", pots_json(ctl, d->id)));
}

/* One decision for people. */
static void show(struct ctl *ctl, const struct decisions *d)
{
        struct arena *arena = tx_arena(ctl->tx);
        struct pots_of_rows rows = pots_of(ctl->tx, d->id);
        printf("%.*s  %.*s  %.*s  %.*s  %.*s\n", TEXT_ARGS(d->id),
               TEXT_ARGS(day_iso(arena, (int32_t)d->decided_on)), TEXT_ARGS(d->body),
               TEXT_ARGS(d->matter), TEXT_ARGS(d->subject));
        if (d->grant_id.at)
                printf("  %.*s: %.*s\n", TEXT_ARGS(d->grant_id),
                       TEXT_ARGS(amount_text(arena, d->amount_ore)));
        for (size_t i = 0; i < rows.count; i++) {
                const struct pots_of *p = &rows.row[i];
                printf("  pot %.*s (%.*s): %.*s", TEXT_ARGS(p->pot), TEXT_ARGS(p->kind),
                       TEXT_ARGS(amount_text(arena, p->amount_ore)));
                for (size_t w = 0; w < p->areas.count; w++)
                        printf("%s%.*s=%lld", w ? ", " : "  ", TEXT_ARGS(p->areas.at[w]),
                               (long long)p->weights.at[w]);
                putchar('\n');
        }
}

/* The decisions that are asked for: one, or all (no text). */
static int show_all(struct ctl *ctl, struct text only)
{
        if (!ctl_tx(ctl))
                return EXIT_DOWN;
        struct decisions_rows rows = decisions(ctl->tx, only);
        for (size_t i = 0; i < rows.count; i++) {
                if (ctl->json)
                        show_json(ctl, &rows.row[i]);
                else
                        show(ctl, &rows.row[i]);
        }
        int code = ctl_end(ctl);
        if (code == EXIT_DONE && only.at && rows.count == 0)
                return ctl_fail(ctl, EXIT_REFUSED,
                                "there is no decision %.*s; see padriver decision list",
                                TEXT_ARGS(only));
        return code;
}

static int run_show(struct ctl *ctl, int argc, char **argv)
{
        return ctl_options(ctl, &argc, argv, 1, 1, NULL) ? show_all(ctl, text_of(argv[1]))
                                                         : EXIT_USAGE;
}

static int run_list(struct ctl *ctl, int argc, char **argv)
{
        return ctl_options(ctl, &argc, argv, 0, 0, NULL) ? show_all(ctl, (struct text){ 0 })
                                                         : EXIT_USAGE;
}

const struct command decision_commands[] = {
        { .name = "decision record",
          .arguments = "ID --body BODY [--meeting MEETING] [--grant GRANT --amount AMOUNT --pot "
                       "KIND=AMOUNT...]",
          .summary = "Records what a body decided, and how it shares a grant",
          .help = "  --body BODY        who decided: SG, AG\n"
                  "  --meeting MEETING  in which meeting\n"
                  "  --on DAY           when; else the meeting's day, or today\n"
                  "  --matter MATTER    base_grant (with --grant), project_funds, action_plan,\n"
                  "                     accounts, partner or other: not every body may decide "
                  "each\n"
                  "  --subject TEXT     what it is about; never a person's name\n"
                  "  --grant GRANT      which grant, --amount AMOUNT of it in all\n"
                  "  --pot areas=AMOUNT to be shared out over the areas; --pot host=AMOUNT stays\n"
                  "                     with the host. The pots sum to the amount. A pot of "
                  "another\n"
                  "                     name is NAME:areas=AMOUNT or NAME:host=AMOUNT\n"
                  "  --weights AREA=N,  how the areas' pots are weighed; without it every funded\n"
                  "                     area weighs the same\n"
                  "\n"
                  "  padriver decision record 1/27 --body SG --meeting SG1 --grant grant-2027 \\\n"
                  "    --amount 1900000,00 --pot areas=1600000,00 --pot host=300000,00\n",
          .run = run_record },
        { .name = "decision list",
          .summary = "Shows the decisions with their pots",
          .help = "  padriver decision list\n",
          .run = run_list },
        { .name = "decision show",
          .arguments = "ID",
          .summary = "Shows one decision with its pots and weights",
          .help = "  padriver decision show 1/27\n",
          .run = run_show },
        { 0 },
};
