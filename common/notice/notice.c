/*
 * notice: each rule's writer, and what all letters share. A letter that cannot be written any more
 * says why and is dropped: what it was about is gone.
 */
#include "common/notice/notice.h"

#include "common/notice/writing.h"

static const struct {
        const char *rule;
        bool (*write)(struct writing *w);
} writers[] = {
        { "invitation", writing_meeting },
        { "update", writing_meeting },
        { "cancellation", writing_meeting },
        { "reminder", writing_meeting },
        { "evaluation", writing_evaluation },
        { "evaluation_reminder", writing_evaluation },
        { "grant_share", writing_share },
        { "grant_notice", writing_grant },
        { "survey_missing", writing_survey_missing },
        { "sign_in", writing_sign_in },
        { "held", writing_held },
        { "held_reminder", writing_held },
        { "held_leader", writing_held },
        { "needs", writing_needs },
};

struct text writing_say(const struct writing *w, enum phrase p, const struct place *places)
{
        return phrase(w->arena, w->language, p, places);
}

struct text writing_pick(const struct writing *w, struct text nb, struct text nn, struct text en)
{
        return w->language == LANGUAGE_NN ? nn : w->language == LANGUAGE_EN ? en : nb;
}

/* The wall time in Oslo. */
struct text writing_hour(const struct writing *w, int64_t time)
{
        int hour, minute;

        day_at(time, &hour, &minute);
        return arena_printf(w->arena, w->language == LANGUAGE_EN ? "%02d:%02d" : "%02d.%02d", hour,
                            minute);
}

/* The body begins: heading and greeting. */
void writing_begin(struct writing *w, struct text subject, struct text heading)
{
        w->message->subject = subject;
        w->message->language = w->language;
        w->body = body_new(w->arena, w->language);
        body_heading(w->body, heading);
        body_paragraph(w->body,
                       writing_say(w, PHRASE_hello, PLACES({ "name", w->message->to_name })));
}

/* The body ends, and is written out. */
void writing_end(struct writing *w, struct text sender, struct text because)
{
        struct text centre = w->message->from_name;

        if (sender.at)
                centre = arena_printf(w->arena, "%.*s, %.*s", TEXT_ARGS(sender), TEXT_ARGS(centre));
        body_paragraph(w->body, writing_say(w, PHRASE_regards, NULL));
        body_paragraph(w->body, centre);
        body_footer(w->body, because);
        body_footer(w->body, writing_say(w, PHRASE_not_me, NULL));
        w->message->text = body_text(w->body);
        w->message->html = body_html(w->body);
}

/* Replies go to the person. */
bool writing_reply_to(struct writing *w, int64_t person, struct notice_addressee *row)
{
        if (!person || !notice_addressee(w->tx, person, row))
                return false;
        w->message->reply_to = row->email;
        return true;
}

/* Writes the letter by its rule. */
bool notice_compose(struct tx *tx, const struct mailer *mailer, const struct letter *letter,
                    struct message *message, struct text *reason)
{
        struct writing w = { .tx = tx,
                             .arena = tx_arena(tx),
                             .mailer = mailer,
                             .letter = letter,
                             .message = message,
                             .reason = reason };
        struct notice_addressee addressee;

        *reason = TEXT("there is no such person, or no address");
        if (!notice_addressee(tx, letter->person, &addressee))
                return false;
        w.language = language_of(addressee.language);
        message->to_name = addressee.name;
        message->to = addressee.email;
        for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
                if (text_equal(letter->rule, text_of(writers[i].rule)))
                        return writers[i].write(&w);
        *reason = TEXT("no such rule");
        return false;
}
