/*
 * survey: an evaluation whose respondents are the municipalities. It is opened on the first day
 * that the wheel gives it and closes with the last; asked for again, it invites those whom the
 * register had nobody to ask for. Nothing is sealed: its key is made like others' and never used.
 */
#include "workers/evaluation/survey.h"

#include "common/day.h"
#include "workers/evaluation/evaluation_sql.h"
#include "workers/evaluation/opening.h"

/* Invites each party that has no invitation and somebody to ask. True: there was one. */
static bool invite(struct tx *tx, struct text id, int32_t day)
{
        struct survey_parties all = { 0 };
        struct survey_invite done = { 0 };
        survey_parties(tx, id, day, &all);
        int64_t *ids = arena_array(tx_arena(tx), (size_t)all.parties + 1, sizeof *ids);
        for (int64_t i = 0; i < all.parties; i++)
                ids[i] = opening_draw();
        survey_invite(tx, id, (struct int_array){ ids, (size_t)all.parties }, day, &done);
        return done.invited > 0;
}

/* Questions and the timer of its end. */
static void prepare(struct tx *tx, struct text id, int32_t day, int64_t closes_at)
{
        survey_word_goals(tx, day);
        survey_items_add(tx, id, day);
        timer_evaluation_closing_due(tx, arena_printf(tx_arena(tx), "closing %.*s", TEXT_ARGS(id)),
                                     closes_at, DB_NULL, &(struct evaluation_closing_due){ id });
}

enum status open_survey(struct tx *tx, const struct survey_due *event)
{
        const struct text id = event->survey;
        const int32_t today = day_at(tx_now(tx), NULL, NULL);
        struct survey_of survey;
        if (!survey_of(tx, id, &survey))
                return tx_reject(tx, "there is no survey %.*s in the wheel", TEXT_ARGS(id));
        const int64_t closes_at = day_time((int32_t)survey.last_day, 23, 59);
        if (survey.goals == 0)
                return tx_reject(
                        tx,
                        "there is no main goal to ask %.*s about; import it, then padriver "
                        "parked retry",
                        TEXT_ARGS(id));
        if (today < survey.first_day || tx_now(tx) >= closes_at)
                return DONE;
        const bool added =
                survey_add(tx, id, survey.series, tx_now(tx), closes_at, opening_key(tx, id)) > 0;
        if (added)
                prepare(tx, id, (int32_t)survey.first_day, closes_at);
        if (invite(tx, id, today) || added)
                emit_evaluation_opened(tx, &(struct evaluation_opened){ id });
        return DONE;
}
