/*
 * sign_in: the link by which one of the staff signs in. The store has the number of the asking, the
 * other half of the link is made here.
 */
#include "common/link.h"
#include "common/notice/writing.h"

/* Writes the letter. */
bool writing_sign_in(struct writing *w)
{
        const struct text base = text_of(w->mailer->conf->mail_link);
        struct notice_sign_in row;

        *w->reason = TEXT("the link was used, or is too old");
        if (!notice_sign_in(w->tx, w->letter->subject, w->letter->person, &row))
                return false;
        if (!w->mailer->masked && !instance_link_key(w->mailer->instance))
                return false;
        const struct text subject = writing_say(w, PHRASE_sign_in_subject, NULL);
        const struct text link =
                w->mailer->masked
                        ? arena_printf(w->arena, "%.*s/sign-in/…", TEXT_ARGS(base))
                        : link_sign_in_url(w->arena, instance_link_key(w->mailer->instance), base,
                                           row.id);
        const struct text time = time_wall(w->arena, row.expires_at, w->language);

        writing_begin(w, subject, subject);
        body_paragraph(w->body, writing_say(w, PHRASE_sign_in_ask, NULL));
        body_link(w->body, writing_say(w, PHRASE_sign_in_link, NULL),
                  link_in(w->arena, link, w->language));
        body_paragraph(w->body, writing_say(w, PHRASE_sign_in_until, PLACES({ "time", time })));
        body_paragraph(w->body, writing_say(w, PHRASE_sign_in_not_me, NULL));
        writing_end(w, (struct text){ 0 }, writing_say(w, PHRASE_because_sign_in, NULL));
        return true;
}
