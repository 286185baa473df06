/*
 * grant_show: how grants stand: letters, money, each version of the shares (R88), the delay from
 * letter to distribution (R106). Reads only.
 */
#include "workers/ctl/grant.h"

#include "common/day.h"
#include "workers/ctl/grant_sql.h"
#include <stdio.h>

/* A sum as people read it. */
struct text grant_kroner(const struct ctl *ctl, int64_t ore)
{
        return money_text(ctl->arena, ore, LANGUAGE_NB);
}

/* A number, or null. */
static json_t *number(int64_t value)
{
        return value == DB_NULL ? json_null() : json_integer(value);
}

/* A day, or null. */
static json_t *day_json(const struct ctl *ctl, int64_t day)
{
        return day == DB_NULL ? json_null() : ctl_text(day_iso(ctl->arena, (int32_t)day));
}

/* Null for the area of a host's pot. */
static json_t *area_json(struct text area)
{
        return area.size ? ctl_text(area) : json_null();
}

/* A version's shares. */
static json_t *shares_json(const struct grant_shares_rows *shares)
{
        json_t *list = json_array();

        for (size_t i = 0; i < shares->count; i++) {
                const struct grant_shares *share = &shares->row[i];
                json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:o}", "municipality",
                                                      ctl_text(share->number), "area",
                                                      area_json(share->area), "amount_ore",
                                                      (json_int_t)share->amount_ore, "pot",
                                                      ctl_text(share->pot)));
        }
        return list;
}

/* All letters of a grant. */
static json_t *letters_json(struct ctl *ctl, const struct grant_letters_rows *letters)
{
        json_t *list = json_array();

        for (size_t i = 0; i < letters->count; i++) {
                const struct grant_letters *row = &letters->row[i];
                json_array_append_new(
                        list,
                        json_pack(
                                "{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "version",
                                (json_int_t)row->version, "amount_ore", (json_int_t)row->amount_ore,
                                "dated", day_json(ctl, row->dated), "reference",
                                ctl_text(row->reference), "conditions", ctl_text(row->conditions),
                                "report_by", day_json(ctl, row->report_by), "registered_at",
                                ctl_time(ctl, row->registered_at), "actor", ctl_text(row->actor)));
        }
        return list;
}

/* R106: whole days from a version's letter to its distribution. */
static int64_t delay_of(const struct grant_versions *version)
{
        return day_at(version->distributed_at, NULL, NULL) - version->dated;
}

/* All distributions of a grant, each with its shares. */
static json_t *versions_json(struct ctl *ctl, struct text grant,
                             const struct grant_versions_rows *versions)
{
        json_t *list = json_array();

        for (size_t i = 0; i < versions->count; i++) {
                const struct grant_versions *row = &versions->row[i];
                const struct grant_shares_rows shares = grant_shares(ctl->tx, grant, row->version);
                json_array_append_new(
                        list,
                        json_pack("{s:I, s:I, s:I, s:o, s:o, s:I, s:o, s:b, s:o}", "version",
                                  (json_int_t)row->version, "letter", (json_int_t)row->letter,
                                  "amount_ore", (json_int_t)row->amount_ore, "decision",
                                  ctl_text(row->decision), "distributed_at",
                                  ctl_time(ctl, row->distributed_at), "delay_days",
                                  (json_int_t)delay_of(row), "voucher",
                                  ctl_text(arena_printf(ctl->arena, "%lld/%lld",
                                                        (long long)row->voucher_year,
                                                        (long long)row->voucher_number)),
                                  "standing", (int)row->standing, "shares", shares_json(&shares)));
        }
        return list;
}

/* One grant as one object: what stands now, then all letters and versions. */
static json_t *grant_json(struct ctl *ctl, const struct grant_standings *grant)
{
        const struct grant_letters_rows letters = grant_letters(ctl->tx, grant->grant_id);
        const struct grant_versions_rows versions = grant_versions(ctl->tx, grant->grant_id);
        const struct grant_versions last =
                versions.count ? versions.row[versions.count - 1]
                               : (struct grant_versions){ .amount_ore = grant->amount_ore,
                                                          .decision = grant->decision };
        const struct grant_shares_rows shares =
                grant_shares(ctl->tx, grant->grant_id, grant->version);

        return json_pack("{s:o, s:I, s:I, s:o, s:o, s:I, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o}",
                         "grant", ctl_text(grant->grant_id), "version", (json_int_t)grant->version,
                         "amount_ore", (json_int_t)last.amount_ore, "decision",
                         ctl_text(last.decision), "shares", shares_json(&shares), "year",
                         (json_int_t)grant->year, "funder", ctl_text(grant->funder), "kind",
                         ctl_text(grant->kind), "letter", (json_int_t)grant->letter, "received_ore",
                         (json_int_t)grant->received_ore, "outstanding_ore",
                         (json_int_t)(grant->amount_ore - grant->received_ore), "delay_days",
                         number(versions.count ? delay_of(&versions.row[0]) : DB_NULL), "letters",
                         letters_json(ctl, &letters), "distributions",
                         versions_json(ctl, grant->grant_id, &versions));
}

/* The letters for a person. */
static void print_letters(const struct ctl *ctl, const struct grant_letters_rows *letters)
{
        for (size_t i = 0; i < letters->count; i++) {
                const struct grant_letters *row = &letters->row[i];
                const struct text amount = grant_kroner(ctl, row->amount_ore),
                                  day = day_short(ctl->arena, (int32_t)row->dated);
                printf("  letter %lld: %.*s, dated %.*s%s%.*s, registered by %.*s\n",
                       (long long)row->version, TEXT_ARGS(amount), TEXT_ARGS(day),
                       row->reference.size ? ", " : "", TEXT_ARGS(row->reference),
                       TEXT_ARGS(row->actor));
        }
}

/* The versions and the last one's shares for a person. */
static void print_versions(struct ctl *ctl, struct text grant,
                           const struct grant_versions_rows *versions)
{
        static const char *const heads[] = { "MUNICIPALITY", "AREA", "POT", "AMOUNT" };
        struct grant_shares_rows shares = { 0 };

        for (size_t i = 0; i < versions->count; i++) {
                const struct grant_versions *row = &versions->row[i];
                const struct text day =
                        day_short(ctl->arena, day_at(row->distributed_at, NULL, NULL));
                printf("  version %lld: letter %lld, decision %.*s, shared %.*s (%lld days after "
                       "the letter), voucher "
                       "%lld/%lld%s\n",
                       (long long)row->version, (long long)row->letter, TEXT_ARGS(row->decision),
                       TEXT_ARGS(day), (long long)delay_of(row), (long long)row->voucher_year,
                       (long long)row->voucher_number, row->standing ? "" : ", reversed");
                shares = grant_shares(ctl->tx, grant, row->version);
        }
        struct text *cells = arena_array(ctl->arena, shares.count * 4, sizeof *cells);
        for (size_t i = 0; i < shares.count; i++) {
                cells[4 * i] = shares.row[i].number;
                cells[4 * i + 1] = shares.row[i].area;
                cells[4 * i + 2] = shares.row[i].pot;
                cells[4 * i + 3] = grant_kroner(ctl, shares.row[i].amount_ore);
        }
        if (shares.count)
                ctl_table(heads, 4, cells, shares.count);
}

/* grant show */
int grant_show(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct text name = text_of(argv[1]);
        const struct grant_standings_rows grants = grant_standings(tx, name);
        if (grants.count && ctl->json) {
                json_t *document = grant_json(ctl, &grants.row[0]);
                if (tx_failed(tx))
                        json_decref(document);
                else
                        ctl_json(document);
        } else if (grants.count) {
                const struct grant_standings *grant = &grants.row[0];
                const struct grant_letters_rows letters = grant_letters(tx, name);
                const struct grant_versions_rows versions = grant_versions(tx, name);
                const struct text got = grant_kroner(ctl, grant->received_ore),
                                  rest = grant_kroner(ctl, grant->amount_ore - grant->received_ore);
                printf("%.*s: %.*s grant for %lld from %.*s; received %.*s, outstanding %.*s\n",
                       TEXT_ARGS(name), TEXT_ARGS(grant->kind), (long long)grant->year,
                       TEXT_ARGS(grant->funder), TEXT_ARGS(got), TEXT_ARGS(rest));
                print_letters(ctl, &letters);
                print_versions(ctl, name, &versions);
        }
        const int code = ctl_end(ctl);
        if (code == EXIT_DONE && grants.count == 0)
                return ctl_fail(ctl, EXIT_REFUSED,
                                "no letter about %.*s is registered; see padriver grant list",
                                TEXT_ARGS(name));
        return code;
}

/* grant list */
int grant_list(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "GRANT",    "KIND",    "LETTER",  "AMOUNT",
                                             "RECEIVED", "VERSION", "DECISION" };

        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct grant_standings_rows grants = grant_standings(tx, (struct text){ 0 });
        struct text *cells = arena_array(ctl->arena, grants.count * 7, sizeof *cells);
        for (size_t i = 0; i < grants.count; i++) {
                const struct grant_standings *row = &grants.row[i];
                const struct text line[] = {
                        row->grant_id,
                        row->kind,
                        arena_printf(ctl->arena, "%lld", (long long)row->letter),
                        grant_kroner(ctl, row->amount_ore),
                        grant_kroner(ctl, row->received_ore),
                        arena_printf(ctl->arena, "%lld", (long long)row->version),
                        row->decision
                };
                for (size_t c = 0; c < 7; c++)
                        cells[7 * i + c] = line[c];
                if (ctl->json)
                        ctl_json(json_pack(
                                "{s:o, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:o}", "grant",
                                ctl_text(row->grant_id), "year", (json_int_t)row->year, "funder",
                                ctl_text(row->funder), "kind", ctl_text(row->kind), "letter",
                                (json_int_t)row->letter, "amount_ore", (json_int_t)row->amount_ore,
                                "received_ore", (json_int_t)row->received_ore, "version",
                                (json_int_t)row->version, "decision", ctl_text(row->decision)));
        }
        if (!ctl->json)
                ctl_table(heads, 7, cells, grants.count);
        return ctl_end(ctl);
}
