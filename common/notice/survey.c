/*
 * survey: asks a municipality for its answer by the one who answers for it, reminds, and tells the
 * area's coordinator who has not answered before it closes (R75, R76). What was answered is in no
 * letter.
 */
#include "common/notice/writing.h"

bool writing_survey(struct writing *w, const struct notice_paper *paper,
                    const struct notice_occasion *occasion)
{
        const bool reminds = text_equal(w->letter->rule, TEXT("evaluation_reminder"));
        struct notice_addressee owner;
        const bool known = writing_reply_to(w, occasion->organizer, &owner);
        const struct text title =
                writing_pick(w, occasion->title_nb, occasion->title_nn, occasion->title_en);
        const struct place *places =
                PLACES({ "title", title }, { "municipality", paper->respondent },
                       { "count", phrase_number(w->arena, w->language, paper->threshold) });
        writing_begin(w,
                      writing_say(w, reminds ? PHRASE_survey_remind_subject : PHRASE_survey_subject,
                                  places),
                      title);
        body_paragraph(w->body,
                       writing_say(w, reminds ? PHRASE_survey_remind : PHRASE_survey_ask, places));
        body_link(w->body, writing_say(w, PHRASE_survey_link, NULL),
                  writing_link(w, paper->invitation));
        body_paragraph(w->body, writing_say(w, PHRASE_survey_own_link, places));
        body_paragraph(w->body, writing_say(w, PHRASE_survey_mode, places));
        body_paragraph(w->body, writing_deadline(w, paper->closes_at));
        writing_end(w, known ? owner.name : (struct text){ 0 },
                    writing_say(w, PHRASE_because_municipality, places));
        return true;
}

bool writing_survey_missing(struct writing *w)
{
        struct notice_occasion occasion;
        struct notice_addressee owner;
        const struct notice_survey_rows rows = notice_survey(
                w->tx, w->letter->subject, w->letter->person, day_at(tx_now(w->tx), NULL, NULL));
        *w->reason = TEXT("all have answered");
        if (rows.count == 0 || !notice_occasion(w->tx, w->letter->subject, &occasion))
                return false;
        const bool known = writing_reply_to(w, occasion.organizer, &owner);
        const struct text title =
                writing_pick(w, occasion.title_nb, occasion.title_nn, occasion.title_en);
        const struct place *places = PLACES({ "title", title });
        writing_begin(w, writing_say(w, PHRASE_survey_missing_subject, places), title);
        body_paragraph(w->body, writing_say(w, PHRASE_survey_missing, NULL));
        for (size_t i = 0; i < rows.count; i++) {
                const bool asked = text_equal(rows.row[i].status, TEXT("missing"));
                body_fact(
                        w->body, rows.row[i].name,
                        writing_say(w,
                                    asked ? PHRASE_survey_not_answered : PHRASE_survey_no_recipient,
                                    NULL));
        }
        body_paragraph(w->body, writing_deadline(w, rows.row[0].closes_at));
        writing_end(w, known ? owner.name : (struct text){ 0 },
                    writing_say(w, PHRASE_because_coordinator, NULL));
        return true;
}
