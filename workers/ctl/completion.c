/*
 * completion: what bash offers after `padriver`: the commands' words, then the options that their
 * arguments name.
 */
#include "workers/ctl/help.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The first words of all commands, each once. */
static void print_first_words(void)
{
        const char *last = "";
        size_t last_size = 0;
        for (size_t f = 0; ctl_families[f]; f++) {
                for (const struct command *c = ctl_families[f]; c->name; c++) {
                        size_t size = strcspn(c->name, " ");
                        if (size != last_size || strncmp(c->name, last, size) != 0)
                                printf("%.*s ", (int)size, c->name);
                        last = c->name;
                        last_size = size;
                }
        }
}

/* The second words of the family's commands that begin with the first word of name. */
static void print_second_words(const struct command *family, const char *name)
{
        size_t size = strcspn(name, " ");
        for (const struct command *c = family; c->name; c++)
                if (strncmp(c->name, name, size) == 0 && c->name[size] == ' ')
                        printf("%s ", c->name + size + 1);
}

/* The options that the arguments name. */
static void print_options(const char *arguments)
{
        const char *at = arguments ? arguments : "";
        while ((at = strstr(at, "--"))) {
                size_t size = 2;
                while (islower((unsigned char)at[size]) || at[size] == '-')
                        size++;
                printf("%.*s ", (int)size, at);
                at += size;
        }
}

/* The line of the case statement for a command of two words. */
static void print_long(const struct command *command)
{
        if (!strchr(command->name, ' '))
                return;
        printf("        '%s '*) words='", command->name);
        print_options(command->arguments);
        puts("--json --help --config' ;;");
}

/* The line for all commands that begin with one word: second words, and the options of the word
 * alone. */
static void print_short(const struct command *family, const struct command *command)
{
        size_t size = strcspn(command->name, " ");
        if (command > family && strncmp(command[-1].name, command->name, size) == 0 &&
            strchr(" ", command[-1].name[size]))
                return;
        printf("        '%.*s '*) words='", (int)size, command->name);
        print_second_words(family, command->name);
        if (!command->name[size])
                print_options(command->arguments);
        puts("--json --help --config' ;;");
}

void completion_print(void)
{
        puts("# bash completion for padriver, made from its tables of commands\n"
             "_padriver()\n"
             "{\n"
             "    local cur=${COMP_WORDS[COMP_CWORD]} before=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" "
             "words=\n"
             "    case \"$before \" in\n"
             "        ' ') words='");
        print_first_words();
        puts("--help --version --json --config' ;;");
        for (size_t f = 0; ctl_families[f]; f++)
                for (const struct command *c = ctl_families[f]; c->name; c++)
                        print_long(c);
        for (size_t f = 0; ctl_families[f]; f++)
                for (const struct command *c = ctl_families[f]; c->name; c++)
                        print_short(ctl_families[f], c);
        puts("    esac\n"
             "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
             "    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n"
             "}\n"
             "complete -o filenames -F _padriver padriver");
}
