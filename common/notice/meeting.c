/*
 * meeting: invitation, update, cancellation and reminder of a meeting or session. The first three
 * bring its calendar entry; the organizer is who runs the body or network, the only attendee is
 * the recipient.
 */
#include "common/clock.h"
#include "common/mail/calendar.h"
#include "common/notice/writing.h"

#define REPLY_DAYS 7 /* registration closes so many days before */

struct wording {
        const char *rule;
        enum phrase subject, session, meeting, reply;
        const char *method; /* NULL: no calendar */
};

static const struct wording wordings[] = {
        { "invitation", PHRASE_invitation_subject, PHRASE_invitation_session,
          PHRASE_invitation_meeting, PHRASE_invitation_reply, "REQUEST" },
        { "update", PHRASE_update_subject, PHRASE_update_session, PHRASE_update_meeting,
          PHRASE_update_reply, "REQUEST" },
        { "cancellation", PHRASE_cancellation_subject, PHRASE_cancellation_session,
          PHRASE_cancellation_meeting, PHRASE_cancellation_reply, "CANCEL" },
        { "reminder", PHRASE_reminder_subject, PHRASE_reminder_session, PHRASE_reminder_meeting,
          PHRASE_reminder_reply, NULL },
};

/* The rule's wording; the last one is the reminder's. */
static const struct wording *find_wording(struct text rule)
{
        const struct wording *wording = wordings;

        while (wording->method && !text_equal(rule, text_of(wording->rule)))
                wording++;
        return wording;
}

/* "onsdag 27. januar 2027 kl. 09.00–15.00" */
static struct text say_time(const struct writing *w, const struct notice_meeting *m)
{
        int32_t first = day_at(m->starts_at, NULL, NULL), last = day_at(m->ends_at, NULL, NULL);

        return writing_say(w, first == last ? PHRASE_time_span : PHRASE_time_days,
                           PLACES({ "day", day_long(w->arena, first, w->language) },
                                  { "last", day_long(w->arena, last, w->language) },
                                  { "from", writing_hour(w, m->starts_at) },
                                  { "to", writing_hour(w, m->ends_at) }));
}

/* What the reader is asked to do. An invitation names the day until which, while it lies ahead. */
static struct text say_reply(const struct writing *w, const struct wording *wording, int64_t starts)
{
        int32_t last = day_at(starts, NULL, NULL) - REPLY_DAYS;

        if (wording->reply != PHRASE_invitation_reply || last <= day_at(tx_now(w->tx), NULL, NULL))
                return writing_say(w, wording->reply, NULL);
        return writing_say(w, PHRASE_invitation_reply_by,
                           PLACES({ "day", day_long(w->arena, last, w->language) }));
}

/* The calendar entry for this recipient. */
static struct text make_calendar(const struct writing *w, const struct notice_meeting *m,
                                 const struct notice_addressee *organizer, const char *method,
                                 struct text title, struct text of)
{
        return calendar_text(&(struct calendar){ .method = method,
                                                 .uid = arena_printf(w->arena, "%.*s@%s",
                                                                     TEXT_ARGS(w->letter->subject),
                                                                     w->mailer->conf->mail_domain),
                                                 .sequence = m->sequence,
                                                 .changed_at = m->scheduled_at,
                                                 .starts = m->starts_at,
                                                 .ends = m->ends_at,
                                                 .summary = title,
                                                 .place = m->place,
                                                 .description = of,
                                                 .organizer_name = organizer->name,
                                                 .organizer = organizer->email,
                                                 .attendee_name = w->message->to_name,
                                                 .attendee = w->message->to,
                                                 .language = w->language },
                             w->arena);
}

/* Writes the letter. */
bool writing_meeting(struct writing *w)
{
        const struct wording *wording = find_wording(w->letter->rule);
        struct notice_addressee organizer = { .name = w->message->from_name,
                                              .email = w->message->from };
        struct notice_meeting m;

        *w->reason = TEXT("there is no such meeting");
        if (!notice_meeting(w->tx, w->letter->subject, &m))
                return false;
        bool session = m.network.at, known = writing_reply_to(w, m.organizer, &organizer);
        struct text title = writing_pick(w, m.title_nb, m.title_nn, m.title_en);
        struct text of = writing_pick(w, m.of_nb, m.of_nn, m.of_en);
        struct text day = day_long(w->arena, day_at(m.starts_at, NULL, NULL), w->language);
        const struct place *places = PLACES({ "title", title }, { "day", day }, { "of", of });

        writing_begin(w, writing_say(w, wording->subject, places), title);
        body_paragraph(w->body,
                       writing_say(w, session ? wording->session : wording->meeting, places));
        body_fact(w->body, writing_say(w, PHRASE_fact_time, NULL), say_time(w, &m));
        body_fact(w->body, writing_say(w, PHRASE_fact_place, NULL), m.place);
        body_fact(w->body, writing_say(w, session ? PHRASE_fact_network : PHRASE_fact_body, NULL),
                  of);
        body_paragraph(w->body, say_reply(w, wording, m.starts_at));
        writing_end(w, known ? organizer.name : (struct text){ 0 },
                    writing_say(w, session ? PHRASE_because_network : PHRASE_because_body, places));
        w->message->method = wording->method;
        if (wording->method)
                w->message->calendar = make_calendar(w, &m, &organizer, wording->method, title, of);
        return true;
}
