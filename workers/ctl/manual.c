/*
 * manual: the page padriver(1) from the tables of commands, in man(7) macros. Whatever the tables
 * say is text: backslashes, minus signs and leading dots are escaped.
 */
#include "workers/ctl/help.h"

#include <stdio.h>
#include <string.h>

#define RELEASED "2026-11-23" /* of this version; the page says it */

/* Text in which nothing is a macro. */
static void print_text(struct text text)
{
        bool first = true;
        for (size_t i = 0; i < text.size; i++) {
                char letter = text.at[i];
                if (first && (letter == '.' || letter == '\''))
                        fputs("\\&", stdout);
                if (letter == '\\')
                        fputs("\\e", stdout);
                else if (letter == '-')
                        fputs("\\-", stdout);
                else
                        putchar(letter);
                first = letter == '\n';
        }
}

/* Lines as they stand. */
static void print_lines(struct text lines)
{
        puts(".PP\n.nf");
        print_text(lines);
        puts(".fi");
}

/* One command under its own heading. */
static void print_command(struct arena *arena, const struct command *command)
{
        printf(".SS padriver %s\n", command->name);
        if (command->arguments) {
                fputs(".B ", stdout);
                print_text(text_of(command->arguments));
                puts("\n.PP");
        }
        print_text(text_of(command->summary));
        puts(".");
        if (command->help)
                print_lines(text_of(command->help));
        if (command->more)
                print_lines(command->more(arena));
}

void manual_print(struct arena *arena)
{
        puts(".TH PADRIVER 1 " RELEASED " \"padriver " PADRIVER_VERSION "\"\n"
             ".SH NAME\n"
             "padriver \\- the command of a development centre's back\\-end\n"
             ".SH SYNOPSIS\n"
             ".B padriver\n"
             "COMMAND [ARGUMENT]... [\\-\\-json] [\\-\\-config FILE]\n"
             ".SH DESCRIPTION\n"
             "Staff and operators do with it what the daemons do not do by themselves:\n"
             "plan, record, release, look, and mend.\n"
             "With \\-\\-json each line of standard output is one JSON object.\n"
             ".SH COMMANDS");
        for (size_t f = 0; ctl_families[f]; f++)
                for (const struct command *c = ctl_families[f]; c->name; c++)
                        print_command(arena, c);
        puts(".SH ENVIRONMENT\n"
             ".TP\n.B PADRIVER_CONF\n"
             "The file with the settings, if \\-\\-config does not name it.\n"
             ".TP\n.B PADRIVER_ACTOR\n"
             "Who acts; heeded only where the clock is simulated.\n"
             ".SH \"EXIT STATUS\"");
        print_lines(TEXT(EXIT_CODES));
}
