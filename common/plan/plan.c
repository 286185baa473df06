/*
 * plan: the owner's functions of 0004_plan.sql with the events that follow from them. The wheel
 * has Oslo's wall time; it becomes a moment here, with the calendar of day.h.
 */
#include "common/plan/plan.h"

#include "common/day.h"
#include "common/plan/plan_sql.h"

/* The moment of a wall time on a day; DB_NULL without one. */
static int64_t moment_of(int64_t day, int64_t minutes)
{
        if (minutes == DB_NULL)
                return DB_NULL;
        return day_time((int32_t)day, (int)(minutes / 60), (int)(minutes % 60));
}

/* Fills in from the wheel what is not said; another start keeps the planned length. */
static void fill(struct tx *tx, struct text meeting, struct plan_when *when)
{
        struct planned_time planned;
        int64_t starts, ends;
        if (!planned_time(tx, meeting, &planned))
                return;
        starts = moment_of(planned.first_day, planned.begins);
        ends = moment_of(planned.first_day, planned.ends);
        if (when->ends == DB_NULL && starts != DB_NULL)
                when->ends = when->starts == DB_NULL ? ends : when->starts + ends - starts;
        if (when->starts == DB_NULL)
                when->starts = starts;
        if (!when->place.at)
                when->place = planned.place;
}

int64_t plan_schedule(struct tx *tx, struct text meeting, const struct plan_when *when)
{
        struct plan_when full = *when;
        struct schedule_meeting made = { 0 };
        fill(tx, meeting, &full);
        if (schedule_meeting(tx, meeting, full.starts, full.ends, full.place, tx_now(tx), &made))
                emit_meeting_scheduled(tx, &(struct meeting_scheduled){ .meeting = meeting,
                                                                        .version = made.version });
        return made.version;
}

int64_t plan_move(struct tx *tx, struct text meeting, const struct plan_when *when)
{
        struct move_meeting moved = { 0 };
        if (move_meeting(tx, meeting, when->starts, when->ends, when->place, tx_now(tx), &moved))
                emit_meeting_rescheduled(tx,
                                         &(struct meeting_rescheduled){ .meeting = meeting,
                                                                        .version = moved.version });
        return moved.version;
}

int64_t plan_cancel(struct tx *tx, struct text meeting)
{
        struct cancel_meeting cancelled = { 0 };
        if (cancel_meeting(tx, meeting, tx_now(tx), &cancelled))
                emit_meeting_cancelled(tx,
                                       &(struct meeting_cancelled){ .meeting = meeting,
                                                                    .version = cancelled.version });
        return cancelled.version;
}

void plan_hold(struct tx *tx, struct text meeting)
{
        struct hold_meeting held;
        if (!hold_meeting(tx, meeting, tx_now(tx), &held))
                return;
        if (held.session)
                emit_session_held(tx, &(struct session_held){ .meeting = meeting });
        else
                emit_meeting_held(tx, &(struct meeting_held){ .meeting = meeting });
}

bool plan_moment(struct tx *tx, struct text meeting, struct text when, int64_t *moment)
{
        struct meeting_start start;
        struct planned_time planned;
        int32_t day;
        int hour, minute;
        if (time_parse(when, moment))
                return true;
        if (!day_parse(when, &day))
                return false;
        if (meeting_start(tx, meeting, &start)) {
                day_at(start.starts_at, &hour, &minute);
                *moment = day_time(day, hour, minute);
                return true;
        }
        *moment = planned_time(tx, meeting, &planned) ? moment_of(day, planned.begins) : DB_NULL;
        return *moment != DB_NULL;
}

void plan_decide(struct tx *tx, const struct plan_decision *d)
{
        record_decision(tx, d->id, d->matter, d->body, d->meeting, d->decided_on, d->subject,
                        d->grant, d->grant.at ? d->amount_ore : DB_NULL, d->pots, d->kinds,
                        d->amounts, d->areas, d->weights, tx_now(tx));
        emit_decision_recorded(tx, &(struct decision_recorded){ .decision = d->id });
}
