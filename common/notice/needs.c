/*
 * needs: what needs a person, as the start page of staff says it; each line leads to its page. It
 * is counted when the letter is sent. When nothing waits the letter says that.
 */
#include "common/needs/needs.h"
#include "common/link.h"
#include "common/needs/needs_sql.h"
#include "common/notice/writing.h"
#include <inttypes.h>

/* A line for each thing of which there is some. */
static void put_lines(struct writing *w, const struct needs_rows *rows)
{
        const struct text base = text_of(w->mailer->conf->mail_link);
        for (size_t i = 0; i < rows->count; i++) {
                const struct needs *r = &rows->row[i];
                const enum phrase words = needs_words(r->name);
                if (r->number == 0 || words == PHRASE_count)
                        continue;
                body_link(w->body,
                          writing_say(w, words,
                                      PLACES({ "count",
                                               arena_printf(w->arena, "%" PRId64, r->number) })),
                          link_in(w->arena,
                                  arena_printf(w->arena, "%.*s/staff/%.*s", TEXT_ARGS(base),
                                               TEXT_ARGS(r->name)),
                                  w->language));
        }
}

/* Writes the letter. */
bool writing_needs(struct writing *w)
{
        const int64_t now = tx_now(w->tx);
        const struct needs_rows rows =
                needs(w->tx, now, w->letter->person, w->mailer->conf->register_review);
        bool any = false;
        for (size_t i = 0; i < rows.count; i++)
                any = any || rows.row[i].number > 0;
        const struct text day = day_long(w->arena, day_at(now, NULL, NULL), w->language);
        const struct text subject = writing_say(
                w, any ? PHRASE_needs_subject : PHRASE_needs_none_subject, PLACES({ "day", day }));

        writing_begin(w, subject, subject);
        body_paragraph(w->body, writing_say(w, any ? PHRASE_needs_lead : PHRASE_needs_none, NULL));
        put_lines(w, &rows);
        writing_end(w, (struct text){ 0 }, writing_say(w, PHRASE_because_office, NULL));
        return true;
}
