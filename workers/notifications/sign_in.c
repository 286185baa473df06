/*
 * sign_in: a letter to who asked to sign in, if it is somebody who may. The event tells neither.
 */
#include "workers/notifications/notifications.h"

#include "workers/notifications/notifications_sql.h"

enum status send_sign_in(struct tx *tx, const struct sign_in_asked *event)
{
        letter_sign_in(tx, event->sign_in, tx_now(tx), tx_cause(tx));
        return DONE;
}
