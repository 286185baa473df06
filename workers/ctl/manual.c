/*
 * manual: the page padriver(1) from the tables of commands, in man(7) macros. Whatever the tables
 * say is text: backslashes, minus signs and leading dots are escaped.
 */
#include "workers/ctl/help.h"

#include <stdio.h>
#include <wchar.h>

#define RELEASED "2026-11-23" /* of this version; the page says it */

/* One letter of a text, as groff and mandoc both read it. */
static void print_letter(const char *at, size_t bytes, wchar_t letter)
{
        if (letter > 0x7f)
                printf("\\[u%04X]", (unsigned)letter);
        else if (*at == '\\')
                fputs("\\e", stdout);
        else if (*at == '-')
                fputs("\\-", stdout);
        else
                fwrite(at, 1, bytes, stdout);
}

/* Text in which nothing is a macro. Filled: spaces far to the right become line ends. */
static void print_text(struct text text, bool filled)
{
        size_t column = 0;
        mbstate_t state = { 0 };
        while (text.size > 0) {
                wchar_t letter = L'?';
                size_t bytes = mbrtowc(&letter, text.at, text.size, &state);
                bytes = bytes > 0 && bytes <= text.size ? bytes : 1;
                if (column == 0 && (letter == L'.' || letter == L'\''))
                        fputs("\\&", stdout);
                bool ends = letter == L'\n' || (filled && letter == L' ' && column > 60);
                if (ends)
                        putchar('\n');
                else
                        print_letter(text.at, bytes, letter);
                column = ends ? 0 : column + 1;
                text.at += bytes;
                text.size -= bytes;
        }
}

/* Lines as they stand. */
static void print_lines(struct text lines)
{
        puts(".nf");
        print_text(lines, false);
        puts(".fi");
}

/* One command under its own heading. */
static void print_command(struct arena *arena, const struct command *command)
{
        printf(".SS padriver %s\n", command->name);
        if (command->arguments) {
                fputs("\\fB", stdout);
                print_text(text_of(command->arguments), true);
                puts("\\fR\n.PP");
        }
        print_text(text_of(command->summary), true);
        puts(".");
        if (command->help) {
                puts(".PP");
                print_lines(text_of(command->help));
        }
        if (command->more) {
                puts(".PP");
                print_lines(command->more(arena));
        }
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
