/*
 * held: asks who runs a session whether it was held; once more the next working day; then the
 * leader. The link opens the page with the three answers.
 */
#include "common/link.h"
#include "common/notice/writing.h"

/* The personal link; who only looks is not shown how to use it. */
static struct text make_link(const struct writing *w)
{
        const struct text base = text_of(w->mailer->conf->mail_link), meeting = w->letter->subject;
        if (w->mailer->masked)
                return arena_printf(w->arena, "%.*s/held/%.*s.…", TEXT_ARGS(base),
                                    TEXT_ARGS(meeting));
        return link_held_url(w->arena, instance_link_key(w->mailer->instance), base, meeting,
                             w->letter->person);
}

/* Writes the letter. */
bool writing_held(struct writing *w)
{
        const bool first = text_equal(w->letter->rule, TEXT("held"));
        const bool leader = text_equal(w->letter->rule, TEXT("held_leader"));
        struct notice_meeting m;

        *w->reason = TEXT("there is no such meeting");
        if (!notice_meeting(w->tx, w->letter->subject, &m))
                return false;
        if (!w->mailer->masked && !instance_link_key(w->mailer->instance))
                return false;
        const struct text title = writing_pick(w, m.title_nb, m.title_nn, m.title_en);
        const struct text day = day_long(w->arena, day_at(m.starts_at, NULL, NULL), w->language);
        const struct place *places = PLACES({ "title", title }, { "day", day },
                                            { "of", writing_pick(w, m.of_nb, m.of_nn, m.of_en) });

        writing_begin(w, writing_say(w, PHRASE_held_subject, places), title);
        body_paragraph(w->body, writing_say(w,
                                            first    ? PHRASE_held_ask
                                            : leader ? PHRASE_held_ask_leader
                                                     : PHRASE_held_remind,
                                            places));
        body_link(w->body, writing_say(w, PHRASE_held_link, NULL),
                  link_in(w->arena, make_link(w), w->language));
        body_paragraph(w->body, writing_say(w, PHRASE_evaluation_own_link, NULL));
        writing_end(w, (struct text){ 0 },
                    writing_say(w, leader ? PHRASE_because_leader : PHRASE_because_runs, places));
        return true;
}
