/*
 * meetings: who is told of a meeting, and when. Every letter and timer carries the meeting's
 * version: what was planned for an earlier one finds itself outdated when it comes up. Who holds
 * no calendar entry yet gets no update or cancellation.
 */
#include "workers/notifications/notifications.h"

#include "common/day.h"
#include "workers/notifications/notifications_sql.h"

enum {
        INVITE_DAYS = 42, /* before the meeting */
        REMIND_DAYS = 2,  /* working days before it */
        HOUR = 9,
};

static struct text timer_name(struct tx *tx, const char *what, struct text meeting)
{
        return arena_printf(tx_arena(tx), "%s/%.*s", what, TEXT_ARGS(meeting));
}

/* Reads the meeting. False: the event is of an earlier version, or of one that does not exist
 * (*status says). */
static bool read_meeting(struct tx *tx, struct text meeting, int64_t version, struct meeting_now *m,
                         enum status *status)
{
        *status = DONE;
        if (!meeting_now(tx, meeting, m))
                *status = tx_reject(tx, "there is no meeting %.*s", TEXT_ARGS(meeting));
        else if (m->version < version)
                *status = tx_reject(tx, "meeting %.*s has no version %d yet", TEXT_ARGS(meeting),
                                    (int)version);
        else
                return m->version == version;
        return false;
}

/* Invites at once, or sets the timer for six weeks before at nine, on the next working day. */
static void plan_invitation(struct tx *tx, struct text meeting, const struct meeting_now *m)
{
        int32_t day = day_at(m->starts_at, NULL, NULL);
        int64_t due = day_time(day_working_from(day - INVITE_DAYS), HOUR, 0);
        struct text name = timer_name(tx, "invitation", meeting);

        if (due > tx_now(tx)) {
                timer_invitation_due(tx, name, due, m->starts_at,
                                     &(struct invitation_due){ meeting, m->version });
                return;
        }
        tx_timer_drop(tx, name);
        letters_invite(tx, meeting, m->version, day, tx_now(tx), m->starts_at, tx_cause(tx));
}

/* Sets the timer for two working days before at nine; a meeting nearer than that has just been
 * told of. */
static void plan_reminder(struct tx *tx, struct text meeting, const struct meeting_now *m)
{
        int32_t day = day_at(m->starts_at, NULL, NULL);
        int64_t due = day_time(day_working_before(day, REMIND_DAYS), HOUR, 0);
        struct text name = timer_name(tx, "reminder", meeting);

        if (due > tx_now(tx))
                timer_reminder_due(tx, name, due, m->starts_at,
                                   &(struct reminder_due){ meeting, TEXT("meeting"), m->version });
        else
                tx_timer_drop(tx, name);
}

/* A meeting stands at a time and place: updates to the invited, invitations to the others. */
static enum status announce(struct tx *tx, struct text meeting, int64_t version)
{
        struct meeting_now m;
        enum status status;

        if (!read_meeting(tx, meeting, version, &m, &status))
                return status;
        if (!text_equal(m.state, TEXT("scheduled")))
                return DONE;
        if (m.session)
                plan_question(tx, meeting, version, m.ends_at);
        if (m.starts_at <= tx_now(tx))
                return DONE;
        letters_update(tx, meeting, version, day_at(m.starts_at, NULL, NULL), tx_now(tx),
                       m.starts_at, tx_cause(tx));
        plan_invitation(tx, meeting, &m);
        plan_reminder(tx, meeting, &m);
        return DONE;
}

enum status invite(struct tx *tx, const struct meeting_scheduled *event)
{
        return announce(tx, event->meeting, event->version);
}

enum status tell_of_move(struct tx *tx, const struct meeting_rescheduled *event)
{
        return announce(tx, event->meeting, event->version);
}

enum status tell_of_cancellation(struct tx *tx, const struct meeting_cancelled *event)
{
        struct meeting_now m;
        enum status status;

        if (!read_meeting(tx, event->meeting, event->version, &m, &status))
                return status;
        tx_timer_drop(tx, timer_name(tx, "invitation", event->meeting));
        tx_timer_drop(tx, timer_name(tx, "reminder", event->meeting));
        drop_question(tx, event->meeting);
        letters_cancel(tx, event->meeting, event->version, tx_now(tx), m.starts_at, tx_cause(tx));
        return DONE;
}

/* Six weeks before: the meeting may have moved or been called off meanwhile. */
enum status invite_now(struct tx *tx, const struct invitation_due *event)
{
        struct meeting_now m;
        enum status status;

        if (read_meeting(tx, event->meeting, event->version, &m, &status) &&
            text_equal(m.state, TEXT("scheduled")))
                letters_invite(tx, event->meeting, event->version, day_at(m.starts_at, NULL, NULL),
                               tx_now(tx), m.starts_at, tx_cause(tx));
        return status;
}

/* Two working days before. occurrence is the meeting's version. */
enum status remind_of_meeting(struct tx *tx, const struct reminder_due *event)
{
        struct meeting_now m;
        enum status status;

        if (read_meeting(tx, event->subject, event->occurrence, &m, &status) &&
            text_equal(m.state, TEXT("scheduled")))
                letters_remind(tx, event->subject, m.version, day_at(m.starts_at, NULL, NULL),
                               tx_now(tx), m.starts_at, tx_cause(tx));
        return status;
}
