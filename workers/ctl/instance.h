/*
 * instance: what other families share with instance.c.
 */
#pragma once

#include "workers/ctl/ctl.h"

/* Lets this installation send the letters of this store: `padriver instance release`, `mail
 * release`. */
int instance_let_send(struct ctl *ctl, int argc, char **argv);
