/*
 * help: what the tables say about the commands: for --help and `padriver help`. The manual and the
 * shell completion come from the same tables (manual.c, completion.c), so none of them can lack a
 * command.
 */
#include "workers/ctl/help.h"

#include <stdio.h>
#include <string.h>

void help_print(struct arena *arena, const struct command *command)
{
        printf("padriver %s%s%s\n\n%s.\n", command->name, command->arguments ? " " : "",
               command->arguments ? command->arguments : "", command->summary);
        if (command->help)
                printf("\n%s", command->help);
        if (command->more) {
                struct text more = command->more(arena);
                printf("\n%.*s", TEXT_ARGS(more));
        }
}

/* One line for each command of the group, or of all. */
static void list_commands(const char *group)
{
        size_t size = group ? strlen(group) : 0;
        for (size_t f = 0; ctl_families[f]; f++)
                for (const struct command *c = ctl_families[f]; c->name; c++)
                        if (!group ||
                            (strncmp(c->name, group, size) == 0 && strchr(" ", c->name[size])))
                                printf("  %-20s %s\n", c->name, c->summary);
}

void help_print_all(const char *group)
{
        printf("padriver%s%s COMMAND [ARGUMENT]... [--json] [--config FILE]\n\n", group ? " " : "",
               group ? group : "");
        list_commands(group);
        fputs("\nEach command has --help, with examples. padriver --version tells the version.\n"
              "The instance is found by --config FILE, else by PADRIVER_CONF.\n\n" EXIT_CODES,
              stdout);
}

/* `padriver help`: of everything, or the documents made from the tables. Words are handled as
 * COMMAND --help is. */
static int help(struct ctl *ctl, int argc, char **argv)
{
        bool man = false, completion = false;
        const struct ctl_option options[] = {
                { .name = "man", .flag = &man },
                { .name = "completion", .flag = &completion },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 0, 2, options))
                return EXIT_USAGE;
        if (man)
                manual_print(ctl->arena);
        else if (completion)
                completion_print();
        else
                return help_of(ctl->arena, argc - 1, argv + 1);
        return EXIT_DONE;
}

const struct command help_commands[] = {
        { .name = "help",
          .arguments = "[COMMAND] | --man | --completion",
          .summary = "Says what a command does, with examples",
          .help = "--man prints the manual page, --completion the completion for bash:\n"
                  "  padriver help plan schedule\n"
                  "  padriver help --man | man -l -\n"
                  "  source <(padriver help --completion)\n",
          .run = help },
        { 0 },
};
