/*
 * outcome: the server's answer or the journal's word, turned into rows to book.
 */
#include "common/mail/outcome.h"

#include "common/log.h"
#include "common/mail/journal.h"
#include "common/mail/queue_sql.h"

/* By the server's answer. */
struct outcome outcome_of_reply(int64_t id, struct text claim, const struct smtp_reply *reply,
                                struct arena *arena)
{
        static const char *const states[] = { [SMTP_SENT] = "sent",
                                              [SMTP_LATER] = "later",
                                              [SMTP_REFUSED] = "refused",
                                              [SMTP_UNCERTAIN] = "uncertain",
                                              [SMTP_AWAY] = "back" };
        enum smtp_end end = smtp_judge(reply);
        struct outcome o = { .id = id, .claim = claim, .state = states[end] };

        if (end != SMTP_AWAY)
                o.reply = *reply;
        if (end == SMTP_UNCERTAIN)
                o.reason = TEXT("no answer after the final dot");
        else if (end == SMTP_LATER || end == SMTP_REFUSED)
                o.reason = arena_printf(arena, "%d%s%s at %s", reply->code,
                                        reply->status[0] ? " " : "", reply->status,
                                        smtp_stage_name(reply->stage));
        return o;
}

/* By what a journal tells. */
struct outcome outcome_of_journal(int64_t id, struct text claim, struct text content,
                                  struct arena *arena)
{
        struct outcome o = { .id = id, .claim = claim, .state = "uncertain" };
        struct smtp_reply reply = { 0 };

        switch (journal_read(content, journal_boot(arena), claim, id, &reply)) {
        case JOURNAL_REPLY:
                return outcome_of_reply(id, claim, &reply, arena);
        case JOURNAL_NO_DOT:
                o.state = "back";
                break;
        case JOURNAL_DOT:
                o.reason = TEXT("no answer after the final dot");
                break;
        case JOURNAL_NOTHING:
                o.reason = TEXT("its sender's journal is gone");
        }
        return o;
}

/* Into the open transaction. */
void outcome_write(struct tx *tx, const struct outcome *outcomes, size_t count, int64_t attempts)
{
        int64_t ids[OUTCOME_MOST], codes[OUTCOME_MOST];
        struct text claims[OUTCOME_MOST], states[OUTCOME_MOST], statuses[OUTCOME_MOST],
                reasons[OUTCOME_MOST];

        if (count > OUTCOME_MOST)
                panic("%zu outcomes to book at once", count);
        for (size_t i = 0; i < count; i++) {
                const struct outcome *o = &outcomes[i];

                ids[i] = o->id;
                codes[i] = o->reply.code;
                claims[i] = o->claim;
                states[i] = text_of(o->state);
                statuses[i] = text_of(o->reply.status);
                reasons[i] = o->reason.at ? o->reason : TEXT("");
                if (smtp_suppresses(&o->reply))
                        suppress_recipient(tx, o->id, o->reason, tx_now(tx));
        }
        book_letters(tx, tx_now(tx), attempts, (struct int_array){ ids, count },
                     (struct text_array){ claims, count }, (struct text_array){ states, count },
                     (struct int_array){ codes, count }, (struct text_array){ statuses, count },
                     (struct text_array){ reasons, count });
}
