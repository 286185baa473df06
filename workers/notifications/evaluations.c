/*
 * evaluations: asks at once, reminds on the third and seventh day at nine, on the next working
 * day, unless that is past closing. The timers belong to the evaluation and the day, never to a
 * person; who is missing is asked when they fire.
 */
#include "workers/notifications/notifications.h"

#include "common/day.h"
#include "workers/notifications/notifications_sql.h"

enum { FIRST_DAY = 3, LAST_DAY = 7, HOUR = 9 };
enum { ESCALATION_DAYS = 4 }; /* before a survey closes */

/* When the reminder of that day goes; INT64_MAX if that is past closing. */
static int64_t reminder_time(const struct evaluation_now *e, int32_t days)
{
        int32_t opened = day_at(e->opened_at, NULL, NULL);
        int64_t due = day_time(day_working_from(opened + days), HOUR, 0);

        return due < e->closes_at ? due : INT64_MAX;
}

/* Until when the reminder of that day is of use: until the next one, or closing. */
static int64_t reminder_end(const struct evaluation_now *e, int32_t days)
{
        int64_t next = days < LAST_DAY ? reminder_time(e, LAST_DAY) : INT64_MAX;

        return next == INT64_MAX ? e->closes_at : next - 1;
}

/* Sets the timer; a reminder that falls together with the next one is left to it. */
static void plan_reminder(struct tx *tx, struct text evaluation, const struct evaluation_now *e,
                          int32_t days)
{
        struct text name =
                arena_printf(tx_arena(tx), "reminder/%.*s/%d", TEXT_ARGS(evaluation), (int)days);
        int64_t due = reminder_time(e, days), end = reminder_end(e, days);

        if (due > tx_now(tx) && due <= end)
                timer_reminder_due(tx, name, due, end,
                                   &(struct reminder_due){ evaluation, TEXT("evaluation"), days });
        else
                tx_timer_drop(tx, name);
}

/* Sets the timer on the working day so long before the survey's last one. */
static void plan_escalation(struct tx *tx, struct text survey, const struct evaluation_now *e)
{
        const int32_t day = day_at(e->closes_at, NULL, NULL) - ESCALATION_DAYS;
        const int64_t due = day_time(day_working_from(day), HOUR, 0);

        if (due > tx_now(tx) && due < e->closes_at)
                timer_reminder_due(
                        tx, arena_printf(tx_arena(tx), "escalation/%.*s", TEXT_ARGS(survey)), due,
                        e->closes_at,
                        &(struct reminder_due){ survey, TEXT("survey"), ESCALATION_DAYS });
}

enum status ask_for_answers(struct tx *tx, const struct evaluation_opened *event)
{
        struct evaluation_now e;

        if (!evaluation_now(tx, event->evaluation, &e))
                return DONE;
        letters_ask(tx, event->evaluation, tx_now(tx), e.closes_at, tx_cause(tx));
        plan_reminder(tx, event->evaluation, &e, FIRST_DAY);
        plan_reminder(tx, event->evaluation, &e, LAST_DAY);
        if (e.survey)
                plan_escalation(tx, event->evaluation, &e);
        return DONE;
}

/* occurrence is how many days before the end. */
enum status escalate_survey(struct tx *tx, const struct reminder_due *event)
{
        letters_escalate(tx, event->subject, event->occurrence, day_at(tx_now(tx), NULL, NULL),
                         tx_now(tx), tx_cause(tx));
        return DONE;
}

/* occurrence is the day. */
enum status remind_of_evaluation(struct tx *tx, const struct reminder_due *event)
{
        struct evaluation_now e;

        if (evaluation_now(tx, event->subject, &e))
                letters_remind_missing(tx, event->subject, event->occurrence, tx_now(tx),
                                       reminder_end(&e, (int32_t)event->occurrence), tx_cause(tx));
        return DONE;
}
