/*
 * help: between the files that turn the tables of commands into help, manual and completion.
 */
#pragma once

#include "workers/ctl/ctl.h"

#define EXIT_CODES                                                                                 \
        "Exit status:\n"                                                                           \
        "  0   done\n"                                                                             \
        "  1   refused, or not idle in time\n"                                                     \
        "  64  the command was used wrongly\n"                                                     \
        "  65  bad data\n"                                                                         \
        "  69  the broker or the store is down; the message says which\n"                          \
        "  70  an error of the program's own\n"                                                    \
        "  78  bad settings; padriver check says which\n"

/* Help of the command or group that the words name, of everything if there are none; the exit
 * code. */
int help_of(struct arena *arena, int argc, char **argv);

/* Help of one command; a list of one group of them ("plan"), or of all if group is NULL. */
void help_print(struct arena *arena, const struct command *command);
void help_print_all(const char *group);

/* The manual page, in man(7) macros. */
void manual_print(struct arena *arena);

/* The completion for bash. */
void completion_print(void);
