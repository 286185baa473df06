/*
 * report: what report.c and report_follow.c share; each command ends with its exit code.
 */
#pragma once

#include "common/day.h"
#include "common/statistics.h"
#include "workers/ctl/ctl.h"

/* A year of four digits. False: said. */
bool report_read_year(struct ctl *ctl, const char *word, int64_t *year);

/* Commands of report_follow.c. */
int report_overrule(struct ctl *ctl, int argc, char **argv);
int report_find(struct ctl *ctl, int argc, char **argv);
int report_list_findings(struct ctl *ctl, int argc, char **argv);
int report_change(struct ctl *ctl, int argc, char **argv);
int report_step(struct ctl *ctl, int argc, char **argv);
int report_list_changes(struct ctl *ctl, int argc, char **argv);
int report_use(struct ctl *ctl, int argc, char **argv);
