/*
 * follow_up: an evaluation of its own on the session's terms: who was asked about the session is
 * asked again, whether he or she answered or not, since nobody knows. Its answers are tied to no
 * earlier ones.
 */
#include "workers/evaluation/follow_up.h"

#include "common/day.h"
#include "workers/evaluation/evaluation_sql.h"
#include "workers/evaluation/opening.h"

enum status open_follow_up(struct tx *tx, const struct follow_up_due *event)
{
        struct followed_session session;
        struct followed_by people;
        if (!followed_session(tx, event->evaluation, &session))
                return tx_reject(tx, "there is no evaluation %.*s of a session",
                                 TEXT_ARGS(event->evaluation));
        if (!session.held || !followed_by(tx, event->evaluation, &people) ||
            people.persons.count == 0)
                return DONE;
        return opening_make(tx, &(struct opening){
                                        /* a session's own code holds no dot */
                                        .id = arena_printf(tx_arena(tx), "%.*s.bruk",
                                                           TEXT_ARGS(event->evaluation)),
                                        .network = session.network,
                                        .follows = event->evaluation,
                                        .day = day_at(session.starts_at, NULL, NULL),
                                        .persons = people.persons,
                                });
}
