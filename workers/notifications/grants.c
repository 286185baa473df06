/*
 * grants: a letter to each municipality that employs a coordinator, and a notice to the steering
 * group's seats, for each version of a distribution (R86, R88, R89).
 */
#include "workers/notifications/notifications.h"

#include "common/day.h"
#include "common/log.h"
#include "workers/notifications/notifications_sql.h"

#define STEERING_GROUP TEXT("SG")

/* Writes the letters of a version. A municipality that has nobody to tell is said, and listed as
 * a gap (R59, R109). */
static enum status tell(struct tx *tx, struct text grant, int64_t version)
{
        int32_t today = day_at(tx_now(tx), NULL, NULL);
        struct untold_municipalities_rows rows = untold_municipalities(tx, grant, version, today);

        if (!rows.count)
                return tx_reject(tx, "grant %.*s has no distribution %d", TEXT_ARGS(grant),
                                 (int)version);
        for (size_t i = 0; i < rows.count; i++)
                if (rows.row[i].nobody)
                        log_warning("grant %.*s: %.*s has no contact to tell", TEXT_ARGS(grant),
                                    TEXT_ARGS(rows.row[i].municipality));
        letters_share(tx, grant, version, today, tx_now(tx), tx_cause(tx));
        letters_grant(tx, grant, version, STEERING_GROUP, today, tx_now(tx), tx_cause(tx));
        return DONE;
}

enum status tell_of_distribution(struct tx *tx, const struct grant_distributed *event)
{
        return tell(tx, event->grant, event->version);
}

enum status tell_of_change(struct tx *tx, const struct grant_changed *event)
{
        return tell(tx, event->grant, event->version);
}
