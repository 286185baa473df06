/*
 * probe: whether the broker is there, asked with a BEAT: it answers everybody, and nothing comes of
 * it.
 */
#pragma once

#include "workers/ctl/ctl.h"

/* Whether the broker answered within two seconds. */
bool probe_broker(struct ctl *ctl);
