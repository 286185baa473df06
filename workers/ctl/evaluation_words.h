/*
 * evaluation_words: what people wrote in evaluations in their own words.
 */
#pragma once

#include "workers/ctl/ctl.h"

int evaluation_list_words(struct ctl *ctl, int argc, char **argv);
int evaluation_release(struct ctl *ctl, int argc, char **argv);
int evaluation_withdraw(struct ctl *ctl, int argc, char **argv);
int evaluation_remove(struct ctl *ctl, int argc, char **argv);
