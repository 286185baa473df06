/*
 * evaluation: asks for answers, and reminds who has not given them. The link is the invitation and
 * an HMAC made here with a key from outside the store: nothing in the store or the log can answer
 * for anybody.
 */
#include "common/link.h"
#include "common/notice/writing.h"
#include <inttypes.h>

/* Who only looks is shown whose the link is, and not how to use it. */
struct text writing_link(const struct writing *w, int64_t invitation)
{
        struct text base = text_of(w->mailer->conf->mail_link);

        if (w->mailer->masked)
                return arena_printf(w->arena, "%.*s/e/%" PRId64 ".…", TEXT_ARGS(base), invitation);
        return link_in(w->arena,
                       link_url(w->arena, instance_link_key(w->mailer->instance), base, invitation),
                       w->language);
}

/* What a letter about a session, or about its follow-up, says. */
static const struct wording {
        enum phrase subject, remind_subject, ask, about, remind, link, because;
} wordings[] = {
        { PHRASE_evaluation_subject, PHRASE_evaluation_remind_subject, PHRASE_evaluation_ask,
          PHRASE_evaluation_about, PHRASE_evaluation_remind, PHRASE_evaluation_link,
          PHRASE_because_network },
        { PHRASE_follow_subject, PHRASE_follow_remind_subject, PHRASE_follow_ask,
          PHRASE_follow_about, PHRASE_follow_remind, PHRASE_follow_link, PHRASE_because_session },
};

/* Who will see what: told before one answers. */
static struct text say_mode(const struct writing *w, const struct notice_paper *paper)
{
        if (text_equal(paper->mode, TEXT("named")))
                return writing_say(w, PHRASE_evaluation_named, NULL);
        if (text_equal(paper->mode, TEXT("municipality")))
                return writing_say(w, PHRASE_evaluation_municipality, NULL);
        return writing_say(
                w, PHRASE_evaluation_anonymous,
                PLACES({ "count", phrase_number(w->arena, w->language, paper->threshold) }));
}

struct text writing_deadline(const struct writing *w, int64_t closes)
{
        return writing_say(
                w, PHRASE_evaluation_closes,
                PLACES({ "day", day_long(w->arena, day_at(closes, NULL, NULL), w->language) },
                       { "time", time_wall(w->arena, closes, w->language) }));
}

/* The letter between its greeting and its end. */
static void put_body(struct writing *w, const struct notice_paper *paper,
                     const struct wording *wording, bool follow_up, const struct place *places)
{
        if (text_equal(w->letter->rule, TEXT("evaluation_reminder"))) {
                body_paragraph(w->body, writing_say(w, wording->remind, places));
        } else {
                body_paragraph(w->body, writing_say(w, wording->ask, places));
                body_paragraph(w->body, writing_say(w, wording->about, places));
        }
        body_link(w->body, writing_say(w, wording->link, NULL), writing_link(w, paper->invitation));
        body_paragraph(w->body, writing_say(w, PHRASE_evaluation_own_link, NULL));
        body_paragraph(w->body, say_mode(w, paper));
        if (follow_up && text_equal(paper->mode, TEXT("anonymous")))
                body_paragraph(w->body, writing_say(w, PHRASE_follow_apart, NULL));
        body_paragraph(w->body, writing_deadline(w, paper->closes_at));
}

/* Writes the letter. */
bool writing_evaluation(struct writing *w)
{
        bool reminds = text_equal(w->letter->rule, TEXT("evaluation_reminder"));
        struct notice_addressee organizer;
        struct notice_occasion m;
        struct notice_paper paper;

        *w->reason = TEXT("nothing is missing any more");
        if (!notice_paper(w->tx, w->letter->subject, w->letter->person, &paper) ||
            !notice_occasion(w->tx, w->letter->subject, &m))
                return false;
        if (!w->mailer->masked && !instance_link_key(w->mailer->instance))
                return false;
        if (paper.respondent.at)
                return writing_survey(w, &paper, &m);
        bool known = writing_reply_to(w, m.organizer, &organizer);
        struct text title = writing_pick(w, m.title_nb, m.title_nn, m.title_en);
        struct text of = writing_pick(w, m.of_nb, m.of_nn, m.of_en);
        struct text day = day_long(w->arena, day_at(m.starts_at, NULL, NULL), w->language);
        const struct place *places = PLACES({ "title", title }, { "day", day }, { "of", of });

        const struct wording *wording = &wordings[m.follow_up];

        writing_begin(w,
                      writing_say(w, reminds ? wording->remind_subject : wording->subject, places),
                      title);
        put_body(w, &paper, wording, m.follow_up, places);
        writing_end(w, known ? organizer.name : (struct text){ 0 },
                    writing_say(w, wording->because, places));
        return true;
}
