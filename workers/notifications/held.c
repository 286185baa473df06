/*
 * held: one timer a session goes through the three questions; each question is its own rule of
 * letters. Whoever answers changes the session, and that ends the asking: each time the session is
 * looked at again.
 */
#include "workers/notifications/notifications.h"

#include "common/day.h"
#include "workers/notifications/notifications_sql.h"

enum { HOUR = 9 };

static const struct question {
        const char *rule;
        bool leader; /* asked of the leader, else of who runs the session */
} questions[] = { { "held", false }, { "held_reminder", false }, { "held_leader", true } };

enum { QUESTIONS = sizeof questions / sizeof *questions };

static struct text timer_name(struct tx *tx, struct text meeting)
{
        return arena_printf(tx_arena(tx), "held/%.*s", TEXT_ARGS(meeting));
}

static void set_timer(struct tx *tx, struct text meeting, int64_t version, size_t question,
                      int64_t due)
{
        timer_reminder_due(
                tx, timer_name(tx, meeting), due, DB_NULL,
                &(struct reminder_due){ meeting, text_of(questions[question].rule), version });
}

void plan_question(struct tx *tx, struct text meeting, int64_t version, int64_t ends)
{
        set_timer(tx, meeting, version, 0, ends);
}

void drop_question(struct tx *tx, struct text meeting)
{
        tx_timer_drop(tx, timer_name(tx, meeting));
}

enum status stop_asking(struct tx *tx, const struct session_held *event)
{
        drop_question(tx, event->meeting);
        return DONE;
}

bool is_question(struct text rule)
{
        for (size_t i = 0; i < QUESTIONS; i++)
                if (text_equal(rule, text_of(questions[i].rule)))
                        return true;
        return false;
}

enum status ask_whether_held(struct tx *tx, const struct reminder_due *event)
{
        const int32_t today = day_at(tx_now(tx), NULL, NULL);
        struct meeting_now m;
        size_t i = 0;
        while (!text_equal(event->rule, text_of(questions[i].rule)))
                i++;
        if (!meeting_now(tx, event->subject, &m) || m.version != event->occurrence ||
            !text_equal(m.state, TEXT("scheduled")))
                return DONE;
        letter_held(tx, event->rule, event->subject, m.version, questions[i].leader, today,
                    tx_now(tx), tx_cause(tx));
        if (i + 1 < QUESTIONS)
                set_timer(tx, event->subject, m.version, i + 1,
                          day_time(day_working_from(today + 1), HOUR, 0));
        return DONE;
}
