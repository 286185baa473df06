/*
 * grant: the commands of grant_show.c, and what grant.c shares with it.
 */
#pragma once

#include "workers/ctl/ctl.h"

int grant_show(struct ctl *ctl, int argc, char **argv);
int grant_list(struct ctl *ctl, int argc, char **argv);

/* A sum as people read it. */
struct text grant_kroner(const struct ctl *ctl, int64_t ore);
