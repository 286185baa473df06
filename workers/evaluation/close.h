/*
 * close: how an evaluation ends: boxes are opened, or wait for company, or are deleted with the
 * year.
 */
#pragma once

#include "common/tx.h"

/* evaluation_closing_due */
enum status close_evaluation(struct tx *tx, const struct evaluation_closing_due *event);

/* evaluation_expiry_due */
enum status expire_evaluation(struct tx *tx, const struct evaluation_expiry_due *event);
