/*
 * opening: all in the transaction of the event that asks for it; again it changes nothing. With a
 * session's evaluation its follow-up is planned, so that an operator sees it among the timers.
 */
#include "workers/evaluation/opening.h"

#include "common/ballot.h"
#include "common/day.h"
#include "common/instance.h"
#include "workers/evaluation/evaluation_sql.h"
#include <sodium.h>

enum { HOUR = 9, JULY = 7 };

/* Ten days later, at the same wall time in Oslo: the clocks may change between. */
static int64_t find_close(int64_t opened_at)
{
        int hour, minute;
        const int32_t day = day_at(opened_at, &hour, &minute);
        return day_time(day + OPENING_DAYS, hour, minute) + opened_at % (60 * CLOCK_SECOND);
}

int64_t opening_draw(void)
{
        int64_t id;
        do {
                randombytes_buf(&id, sizeof id);
                id &= INT64_MAX;
        } while (id == 0);
        return id;
}

struct text opening_key(struct tx *tx, struct text evaluation)
{
        struct ballot_keys keys;
        ballot_keys(instance_master_key(worker_of(tx)->own), evaluation, &keys);
        const struct text key = arena_copy(
                tx_arena(tx), (struct text){ (const char *)keys.public_key, BALLOT_KEY });
        sodium_memzero(&keys, sizeof keys);
        return key;
}

void opening_invite(struct tx *tx, struct text evaluation, struct int_array persons)
{
        int64_t *ids = arena_array(tx_arena(tx), persons.count, sizeof *ids);
        for (size_t i = 0; i < persons.count; i++)
                ids[i] = opening_draw();
        invitations_add(tx, evaluation, (struct int_array){ ids, persons.count }, persons);
}

static bool is_in_july(int32_t day)
{
        int year, month, date;
        day_split(day, &year, &month, &date);
        return month == JULY;
}

/* The working day from which it is asked. No part of its time is in July, when Norway is away. */
static int32_t find_day(int32_t opened, int months)
{
        int32_t day = day_working_from(day_months_after(opened, months));
        while (is_in_july(day) || is_in_july(day + OPENING_DAYS))
                day = day_working_from(day + 1);
        return day;
}

/* Sets the timer for the follow-up of a session, unless the settings want none. */
static void plan_follow_up(struct tx *tx, struct text evaluation)
{
        const int months = (int)worker_of(tx)->service->conf.evaluation_follow_up;
        const int32_t today = day_at(tx_now(tx), NULL, NULL);
        if (months > 0)
                timer_follow_up_due(
                        tx, arena_printf(tx_arena(tx), "follow-up %.*s", TEXT_ARGS(evaluation)),
                        day_time(find_day(today, months), HOUR, 0), DB_NULL,
                        &(struct follow_up_due){ evaluation });
}

enum status opening_make(struct tx *tx, const struct opening *o)
{
        const bool follow_up = o->follows.at;
        struct goals_in goals;
        if (!goals_in(tx, o->network, o->day, &goals) || goals.goals == 0)
                return tx_reject(tx,
                                 "network %.*s has no goals to ask about; import them, then "
                                 "padriver parked retry",
                                 TEXT_ARGS(o->network));
        const int64_t closes_at = find_close(tx_now(tx));
        if (evaluation_add(tx, o->id, o->network, tx_now(tx), closes_at, opening_key(tx, o->id),
                           o->follows) == 0)
                return DONE;
        word_sub_goals(tx, o->network, o->day, follow_up);
        items_add(tx, o->id, o->network, o->day, follow_up);
        opening_invite(tx, o->id, o->persons);
        timer_evaluation_closing_due(tx,
                                     arena_printf(tx_arena(tx), "closing %.*s", TEXT_ARGS(o->id)),
                                     closes_at, DB_NULL, &(struct evaluation_closing_due){ o->id });
        if (!follow_up)
                plan_follow_up(tx, o->id);
        emit_evaluation_opened(tx, &(struct evaluation_opened){ o->id });
        return DONE;
}
