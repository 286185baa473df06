/*
 * survey: the timers that open the wheel's surveys.
 */
#pragma once

#include "common/tx.h"

/* Sets the timer of each survey that lies ahead, at nine on its first day; it moves with the
 * wheel. */
void survey_set_timers(struct tx *tx);
