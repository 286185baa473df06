/*
 * budget: grants become shares and balanced entries. Money that comes before its letter and its
 * decision are registered is parked (R87); once letter and decision name one amount, the first
 * money distributes the grant, and a new letter or decision distributes it anew (R88). Owns the
 * schema budget; entries are never altered.
 */
#include "common/money.h"
#include "common/worker.h"
#include "workers/budget/distribute.h"

/* Rejects with what keeps a grant from being distributed; DONE if nothing does. */
static enum status check(struct tx *tx, struct text grant, const struct ground_of *ground)
{
        if (ground->letter == DB_NULL)
                return tx_reject(tx, "%.*s: no letter is registered (padriver grant letter)%s",
                                 TEXT_ARGS(grant),
                                 ground->named.at ? ""
                                                  : ", nor a decision (padriver decision record)");
        if (!ground->named.at)
                return tx_reject(tx, "%.*s: no decision names it (padriver decision record)",
                                 TEXT_ARGS(grant));
        if (!ground->decision.at && ground->named_ore == ground->amount_ore)
                return tx_reject(tx, "%.*s: decision %.*s is not about a base grant",
                                 TEXT_ARGS(grant), TEXT_ARGS(ground->named));
        if (!ground->decision.at) {
                const struct text said = amount_text(tx_arena(tx), ground->amount_ore),
                                  named = amount_text(tx_arena(tx), ground->named_ore);
                return tx_reject(tx, "%.*s: letter %lld says %.*s kr, decision %.*s names %.*s kr",
                                 TEXT_ARGS(grant), (long long)ground->letter, TEXT_ARGS(said),
                                 TEXT_ARGS(ground->named), TEXT_ARGS(named));
        }
        return DONE;
}

/* Books the money on the bank account and as income. */
static void book_receipt(struct tx *tx, const struct grant_received *event,
                         const struct ground_of *ground)
{
        const struct text purposes[] = { TEXT("bank"), TEXT("income") },
                          nobody[] = { TEXT(""), TEXT("") };
        const int64_t amounts[] = { event->amount_ore, -event->amount_ore };
        struct post_voucher voucher = { 0 };

        tx_wait_for_disk(tx);
        post_voucher(tx, tx_now(tx), TEXT("received"), event->grant, tx_cause(tx), ground->decision,
                     ground->letter, (struct text_array){ purposes, 2 },
                     (struct text_array){ nobody, 2 }, (struct text_array){ nobody, 2 },
                     (struct int_array){ amounts, 2 }, &voucher);
        receipt_add(tx, tx_cause(tx), event->grant, event->amount_ore, voucher.year,
                    voucher.number);
}

/* grant_received: books it; the first money distributes the whole grant, later parts are only
 * booked. */
static enum status receive(struct tx *tx, const struct grant_received *event)
{
        struct ground_of ground;

        if (!ground_of(tx, event->grant, &ground))
                return DONE;
        const enum status status = check(tx, event->grant, &ground);
        if (status != DONE)
                return status;
        book_receipt(tx, event, &ground);
        return distribute(tx, event->grant, &ground);
}

/* grant_letter_registered: a letter that no decision answers to waits for one; one that contradicts
 * it is parked. */
static enum status take_letter(struct tx *tx, const struct grant_letter_registered *event)
{
        struct ground_of ground;

        if (!ground_of(tx, event->grant, &ground))
                return DONE;
        if (ground.letter != DB_NULL && !ground.named.at && ground.received_ore == 0)
                return DONE;
        const enum status status = check(tx, event->grant, &ground);
        if (status != DONE || ground.received_ore == 0)
                return status;
        return distribute(tx, event->grant, &ground);
}

/* decision_recorded: if it is the one that the letter answers to and money has come, the grant is
 * shared as it says. */
static enum status take_decision(struct tx *tx, const struct decision_recorded *event)
{
        struct grant_of_decision about;
        struct ground_of ground;

        if (!grant_of_decision(tx, event->decision, &about) ||
            !ground_of(tx, about.grant_id, &ground))
                return DONE;
        if (ground.received_ore == 0 || !text_equal(ground.decision, event->decision))
                return DONE;
        return distribute(tx, about.grant_id, &ground);
}

int main(int argc, char **argv)
{
        return worker_main(argc, argv,
            &(struct worker) {
                .group = "budget",
                .on = {
                        .grant_letter_registered = take_letter,
                        .grant_received = receive,
                        .decision_recorded = take_decision,
                },
            });
}
