/*
 * grant: tells an employing municipality its share, in the municipality's written standard if it
 * has chosen one, and the steering group how the whole was shared (R86, R88, R89).
 */
#include "common/notice/writing.h"

/* What the grant is called within a sentence. */
static struct text name_grant(const struct writing *w, const struct notice_shares *share,
                              struct text grant)
{
        if (!text_equal(share->kind, TEXT("base")))
                return writing_say(w, PHRASE_grant_other, PLACES({ "grant", grant }));
        return writing_say(w, PHRASE_grant_base,
                           PLACES({ "year", arena_printf(w->arena, "%d", (int)share->year) }));
}

static struct text say_amount(const struct writing *w, int64_t ore)
{
        return money_text(w->arena, ore, w->language);
}

/* Cuts "grant-2027/3301" at its last slash. */
static struct text cut_number(struct text *subject)
{
        size_t slash = subject->size;

        while (slash > 0 && subject->at[slash - 1] != '/')
                slash--;
        struct text number = { subject->at + slash, subject->size - slash };
        subject->size = slash ? slash - 1 : 0;
        return number;
}

/* The shares of the letter's grant and version. */
static struct notice_shares_rows read_shares(const struct writing *w, struct text grant)
{
        int64_t version = 0;

        text_to_int(queue_occurrence(w->letter->occurrence), &version);
        return notice_shares(w->tx, grant, version);
}

/* Keeps the shares of one municipality's areas; returns their sum, and what it was before. */
static int64_t keep_number(struct notice_shares_rows *shares, struct text number, int64_t *before)
{
        int64_t sum = 0;
        size_t kept = 0;

        *before = DB_NULL;
        for (size_t i = 0; i < shares->count; i++) {
                struct notice_shares *s = &shares->row[i];

                if (!s->area.size || !text_equal(s->number, number))
                        continue;
                sum += s->amount_ore;
                if (s->previous_ore != DB_NULL)
                        *before = (*before == DB_NULL ? 0 : *before) + s->previous_ore;
                shares->row[kept++] = *s;
        }
        shares->count = kept;
        return sum;
}

/* Writes the letter to a municipality. */
bool writing_share(struct writing *w)
{
        struct text grant = w->letter->subject, number = cut_number(&grant);
        struct notice_shares_rows shares = read_shares(w, grant);
        struct notice_addressee coordinator;
        int64_t before, sum = keep_number(&shares, number, &before);

        *w->reason = TEXT("there is no such share");
        if (!shares.count)
                return false;
        const struct notice_shares *first = &shares.row[0];
        if (!text_equal(first->standard, TEXT("neutral")))
                w->language = language_of(first->standard);
        bool changed = before != DB_NULL;
        bool known = writing_reply_to(w, first->coordinator, &coordinator);
        const struct place *places =
                PLACES({ "municipality", first->municipality }, { "amount", say_amount(w, sum) },
                       { "grant", name_grant(w, first, grant) });

        struct text subject = writing_say(
                w, changed ? PHRASE_grant_share_changed_subject : PHRASE_grant_share_subject,
                places);

        writing_begin(w, subject, subject);
        body_paragraph(
                w->body,
                writing_say(w, changed ? PHRASE_grant_share_changed : PHRASE_grant_share, places));
        for (size_t i = 0; i < shares.count; i++)
                body_fact(w->body, shares.row[i].area_name,
                          say_amount(w, shares.row[i].amount_ore));
        if (changed)
                body_fact(w->body, writing_say(w, PHRASE_fact_earlier, NULL),
                          say_amount(w, before));
        body_fact(w->body, writing_say(w, PHRASE_fact_decision, NULL), first->decision);
        if (text_equal(first->kind, TEXT("base")))
                body_paragraph(w->body, writing_say(w, PHRASE_grant_earmarked, NULL));
        writing_end(w, known ? coordinator.name : (struct text){ 0 },
                    writing_say(w, PHRASE_because_municipality, places));
        return true;
}

/* One line for each share; the host's own comes last. Returns the sum. */
static int64_t list_shares(struct writing *w, const struct notice_shares_rows *shares)
{
        int64_t sum = 0;

        for (size_t i = 0; i < shares->count; i++) {
                const struct notice_shares *s = &shares->row[i];

                body_fact(w->body,
                          writing_say(w, s->area.size ? PHRASE_share_area : PHRASE_share_host,
                                      PLACES({ "municipality", s->municipality },
                                             { "area", s->area_name })),
                          say_amount(w, s->amount_ore));
                sum += s->amount_ore;
        }
        return sum;
}

/* Writes the notice to a member of the steering group. */
bool writing_grant(struct writing *w)
{
        struct notice_shares_rows shares = read_shares(w, w->letter->subject);
        struct notice_addressee convener;
        struct notice_body group;

        *w->reason = TEXT("there is no such distribution");
        if (!shares.count ||
            !notice_body(w->tx, TEXT("SG"), day_at(tx_now(w->tx), NULL, NULL), &group))
                return false;
        bool known = writing_reply_to(w, group.convener, &convener);
        const struct notice_shares *first = &shares.row[0];
        bool changed = first->previous_ore != DB_NULL;
        const struct place *places =
                PLACES({ "grant", name_grant(w, first, w->letter->subject) },
                       { "of", writing_pick(w, group.name_nb, group.name_nn, group.name_en) });
        struct text subject = writing_say(
                w, changed ? PHRASE_grant_notice_changed_subject : PHRASE_grant_notice_subject,
                places);

        writing_begin(w, subject, subject);
        body_paragraph(w->body,
                       writing_say(w, changed ? PHRASE_grant_notice_changed : PHRASE_grant_notice,
                                   places));
        int64_t sum = list_shares(w, &shares);
        body_fact(w->body, writing_say(w, PHRASE_fact_sum, NULL), say_amount(w, sum));
        body_fact(w->body, writing_say(w, PHRASE_fact_decision, NULL), first->decision);
        writing_end(w, known ? convener.name : (struct text){ 0 },
                    writing_say(w, PHRASE_because_seat, places));
        return true;
}
