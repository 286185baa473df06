/*
 * survey: opens the survey of a year for every party (R75), one invitation a municipality (R76).
 */
#pragma once

#include "common/worker.h"

/* survey_due: opens it within its days; if it is open, invites those who could not be before. */
enum status open_survey(struct tx *tx, const struct survey_due *event);
