/*
 * distribute: shares a grant out as its decision says and books it: one voucher a version (R20,
 * R86, R88).
 */
#pragma once

#include "common/tx.h"
#include "workers/budget/budget_sql.h"

/*
 * Makes the next version of the grant's shares under the ground's letter and decision, if the
 * standing one is not already under both; the voucher of the version before is reversed. REJECT: an
 * area has no coordinator, or there is no host.
 */
enum status distribute(struct tx *tx, struct text grant, const struct ground_of *ground);
