/*
 * distribute: from a decision's pots and weights to shares, entries and an event. All amounts are
 * decided by share.c; accounts by the chart in the store. A grant's version is never changed: the
 * next one reverses its voucher.
 */
#include "workers/budget/distribute.h"

#include "common/day.h"
#include "workers/budget/share.h"

/* A decision's lines with the amount of each. */
struct plan {
        struct lines_of_rows lines;
        int64_t *amounts;
};

/* Shares one pot, the lines from first to the end, over its lines. */
static bool share_pot(struct tx *tx, const struct plan *plan, size_t first, size_t end)
{
        struct share *shares = arena_array(tx_arena(tx), end - first, sizeof *shares);

        for (size_t i = first; i < end; i++) {
                shares[i - first].municipality = plan->lines.row[i].number;
                shares[i - first].weight = plan->lines.row[i].weight;
        }
        if (!share_out(plan->lines.row[first].pot_ore, shares, end - first))
                return false;
        for (size_t i = first; i < end; i++)
                plan->amounts[i] = shares[i - first].amount_ore;
        return true;
}

/* Reads the decision's lines for the day and shares each pot. */
static enum status make_plan(struct tx *tx, struct text grant, struct text decision,
                             struct plan *plan)
{
        const int32_t day = day_at(tx_now(tx), NULL, NULL);

        plan->lines = lines_of(tx, decision, day);
        plan->amounts = arena_array(tx_arena(tx), plan->lines.count, sizeof *plan->amounts);
        for (size_t i = 0; i < plan->lines.count; i++) {
                const struct lines_of *line = &plan->lines.row[i];
                if (!line->municipality.at)
                        return tx_reject(tx, "%.*s: %s %.*s on the day of its distribution",
                                         TEXT_ARGS(grant),
                                         line->area.size ? "no employer of a coordinator for area"
                                                         : "no host for pot",
                                         TEXT_ARGS(line->area.size ? line->area : line->pot));
        }
        for (size_t first = 0, end; first < plan->lines.count; first = end) {
                for (end = first + 1; end < plan->lines.count; end++)
                        if (!text_equal(plan->lines.row[end].pot, plan->lines.row[first].pot))
                                break;
                if (!share_pot(tx, plan, first, end))
                        return tx_reject(tx, "%.*s: decision %.*s has a pot that cannot be shared",
                                         TEXT_ARGS(grant), TEXT_ARGS(decision));
        }
        return DONE;
}

/* Two entries for each share: what it costs, and to whom it is owed or where the host keeps it. */
static struct post_voucher book(struct tx *tx, struct text grant, const struct ground_of *ground,
                                const struct plan *plan)
{
        struct arena *arena = tx_arena(tx);
        const size_t most = 2 * plan->lines.count;
        struct text *purposes = arena_array(arena, most, sizeof *purposes);
        struct text *numbers = arena_array(arena, most, sizeof *numbers);
        struct text *areas = arena_array(arena, most, sizeof *areas);
        int64_t *amounts = arena_array(arena, most, sizeof *amounts);
        struct post_voucher voucher = { 0 };
        size_t n = 0;

        for (size_t i = 0; i < plan->lines.count; i++) {
                const bool host = text_equal(plan->lines.row[i].kind, TEXT("host"));
                for (int side = 0; side < 2 && plan->amounts[i] > 0; side++, n++) {
                        purposes[n] = side == 0 ? (host ? TEXT("reserve") : TEXT("transfer"))
                                                : (host ? TEXT("fund") : TEXT("payable"));
                        numbers[n] = plan->lines.row[i].number;
                        areas[n] = plan->lines.row[i].area;
                        amounts[n] = side == 0 ? plan->amounts[i] : -plan->amounts[i];
                }
        }
        tx_wait_for_disk(tx);
        post_voucher(tx, tx_now(tx), TEXT("distributed"), grant, tx_cause(tx), ground->decision,
                     ground->letter, (struct text_array){ purposes, n },
                     (struct text_array){ numbers, n }, (struct text_array){ areas, n },
                     (struct int_array){ amounts, n }, &voucher);
        return voucher;
}

/* Writes the version and its shares. */
static void keep(struct tx *tx, struct text grant, int64_t version, const struct ground_of *ground,
                 const struct plan *plan, const struct post_voucher *voucher)
{
        struct arena *arena = tx_arena(tx);
        const size_t n = plan->lines.count;
        struct text *columns[4];

        for (size_t c = 0; c < 4; c++)
                columns[c] = arena_array(arena, n, sizeof *columns[c]);
        for (size_t i = 0; i < n; i++) {
                columns[0][i] = plan->lines.row[i].pot;
                columns[1][i] = plan->lines.row[i].area;
                columns[2][i] = plan->lines.row[i].municipality;
                columns[3][i] = plan->lines.row[i].number;
        }
        distribution_add(tx, grant, version, ground->letter, ground->decision, tx_cause(tx),
                         tx_now(tx), voucher->year, voucher->number);
        share_add(tx, grant, version, (struct text_array){ columns[0], n },
                  (struct text_array){ columns[1], n }, (struct text_array){ columns[2], n },
                  (struct text_array){ columns[3], n }, (struct int_array){ plan->amounts, n });
}

enum status distribute(struct tx *tx, struct text grant, const struct ground_of *ground)
{
        const int64_t version = ground->version + 1;
        struct plan plan = { 0 };
        struct reverse_voucher reversal;

        if (ground->standing && ground->shared_letter == ground->letter &&
            text_equal(ground->shared_decision, ground->decision))
                return DONE;
        const enum status status = make_plan(tx, grant, ground->decision, &plan);
        if (status != DONE)
                return status;
        if (ground->standing)
                reverse_voucher(tx, tx_now(tx), ground->voucher_year, ground->voucher_number,
                                TEXT("changed"), tx_cause(tx), &reversal);
        const struct post_voucher voucher = book(tx, grant, ground, &plan);
        keep(tx, grant, version, ground, &plan, &voucher);
        if (version == 1)
                emit_grant_distributed(
                        tx, &(struct grant_distributed){ .grant = grant, .version = version });
        else
                emit_grant_changed(tx,
                                   &(struct grant_changed){ .grant = grant, .version = version });
        return DONE;
}
