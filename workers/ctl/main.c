/*
 * ctl: main of the command `padriver`: global options, finding the command in the tables, its help,
 * its exit code. The commands stand in families (ctl.h); a new family is one line in the list
 * below.
 */
#include "workers/ctl/help.h"

#include "common/log.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Families that run without settings. */
static const struct command *const bare_families[] = {
        settings_commands,
        help_commands,
        NULL,
};

/* In the order of the help and the manual: the centre's work, then the backbone. One a line. */
/* clang-format off */
const struct command *const ctl_families[] = {
        import_commands,
        plan_commands,
        decision_commands,
        evaluation_commands, survey_commands, report_commands,
        grant_commands,
        ledger_commands,
        mail_commands,
        suppression_commands,
        newsletter_commands,
        publish_commands,
        log_commands,
        trace_commands,
        status_commands,
        metrics_commands,
        parked_commands,
        timers_commands,
        group_commands,
        retired_commands,
        clock_commands,
        settings_commands,
        migrate_commands,
        instance_commands,
        key_commands,
        help_commands,
        NULL,
};
/* clang-format on */

/* What stands before and among a command's arguments and is everybody's. */
struct globals {
        const char *config;
        bool json, help, version;
        int argc;
        char **argv; /* the rest */
};

/* Takes the global options out; --version only before the command. False: said what is wrong. */
static bool take_globals(struct globals *globals, int argc, char **argv)
{
        int kept = 0;
        bool open = true;
        for (int i = 1; i < argc; i++) {
                const char *word = argv[i];
                if (!open) {
                        argv[kept++] = argv[i];
                } else if (strcmp(word, "--config") == 0) {
                        if (++i == argc) {
                                fprintf(stderr, "padriver: --config needs a file\n");
                                return false;
                        }
                        globals->config = argv[i];
                } else if (strncmp(word, "--config=", 9) == 0) {
                        globals->config = word + 9;
                } else if (strcmp(word, "--json") == 0) {
                        globals->json = true;
                } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
                        globals->help = true;
                } else if (kept == 0 && strcmp(word, "--version") == 0) {
                        globals->version = true;
                } else {
                        open = strcmp(word, "--") != 0;
                        argv[kept++] = argv[i];
                }
        }
        argv[kept] = NULL;
        globals->argc = kept;
        globals->argv = argv;
        return true;
}

/* How many words of argv the name takes, if it begins them; else 0. */
static int match(const char *name, int argc, char **argv)
{
        size_t size = strcspn(name, " ");
        if (argc < 1 || strlen(argv[0]) != size || strncmp(name, argv[0], size) != 0)
                return 0;
        if (name[size] == '\0')
                return 1;
        return argc > 1 && strcmp(name + size + 1, argv[1]) == 0 ? 2 : 0;
}

/* The command that argv begins with; the longer name wins. words: how many it took. */
static const struct command *find(int argc, char **argv, int *words)
{
        const struct command *found = NULL;
        *words = 0;
        for (size_t f = 0; ctl_families[f]; f++) {
                for (const struct command *c = ctl_families[f]; c->name; c++) {
                        int taken = match(c->name, argc, argv);
                        if (taken > *words) {
                                *words = taken;
                                found = c;
                        }
                }
        }
        return found;
}

/* Whether some command of two words begins with this one. */
static bool is_group(const char *word)
{
        size_t size = strlen(word);
        for (size_t f = 0; ctl_families[f]; f++)
                for (const struct command *c = ctl_families[f]; c->name; c++)
                        if (strncmp(c->name, word, size) == 0 && c->name[size] == ' ')
                                return true;
        return false;
}

/* Says that there is no such command, and which is the nearest. */
static int fail_unknown(int argc, char **argv)
{
        const char *names[512];
        size_t count = 0;
        char asked[120];
        bool group = is_group(argv[0]);
        bool two = argc > 1 && argv[1][0] != '-';
        snprintf(asked, sizeof asked, "%s%s%s", argv[0], two ? " " : "", two ? argv[1] : "");
        for (size_t f = 0; ctl_families[f]; f++)
                for (const struct command *c = ctl_families[f]; c->name && count < 511; c++)
                        names[count++] = c->name;
        names[count] = NULL;
        const char *nearest = group && !two ? NULL : ctl_nearest(asked, names);
        if (!nearest && !group)
                nearest = ctl_nearest(argv[0], names);
        if (nearest)
                fprintf(stderr, "padriver: there is no command '%s'; did you mean 'padriver %s'?\n",
                        group ? asked : argv[0], nearest);
        else if (group)
                fprintf(stderr, "padriver %s: which one? See padriver %s --help\n", argv[0],
                        argv[0]);
        else
                fprintf(stderr, "padriver: there is no command '%s'; see padriver help\n", argv[0]);
        return EXIT_USAGE;
}

/* Whether the command belongs to a family that runs without settings. */
static bool is_bare(const struct command *command)
{
        for (size_t f = 0; bare_families[f]; f++)
                for (const struct command *c = bare_families[f]; c->name; c++)
                        if (c == command)
                                return true;
        return false;
}

/* The file that the command reads its settings from, as the daemons do. */
static const char *find_config(const struct globals *globals)
{
        return globals->config ? globals->config : getenv("PADRIVER_CONF");
}

/* Runs the command with settings, unless it does without. */
static int run(const struct command *command, const struct globals *globals, int words)
{
        struct ctl ctl = { .command = command,
                           .json = globals->json,
                           .config = find_config(globals) };
        ctl.arena = arena_new();
        int code = is_bare(command) ? EXIT_DONE : ctl_open(&ctl);
        if (code == EXIT_DONE)
                code = command->run(&ctl, globals->argc - words + 1, globals->argv + words - 1);
        ctl_close(&ctl);
        return code;
}

int help_of(struct arena *arena, int argc, char **argv)
{
        int words;
        const struct command *command = find(argc, argv, &words);
        if (!command && argc > 0 && !(argc == 1 && is_group(argv[0])))
                return fail_unknown(argc, argv);
        if (command)
                help_print(arena, command);
        else
                help_print_all(argc ? argv[0] : NULL);
        return EXIT_DONE;
}

/* Finds what is asked for and does it. */
static int dispatch(const struct globals *globals)
{
        int words;
        if (globals->help) {
                struct arena *arena = arena_new();
                int code = help_of(arena, globals->argc, globals->argv);
                arena_destroy(&arena);
                return code;
        }
        if (globals->version) {
                puts("padriver " PADRIVER_VERSION);
                return EXIT_DONE;
        }
        if (globals->argc == 0) {
                fprintf(stderr, "padriver: which command? See padriver help\n");
                return EXIT_USAGE;
        }
        const struct command *command = find(globals->argc, globals->argv, &words);
        return command ? run(command, globals, words) : fail_unknown(globals->argc, globals->argv);
}

int main(int argc, char **argv)
{
        struct globals globals = { 0 };
        log_open("padriver");
        setlocale(LC_CTYPE, "C.UTF-8");
        if (!take_globals(&globals, argc, argv))
                return EXIT_USAGE;
        int code = dispatch(&globals);
        if (fflush(stdout) != 0 && code == EXIT_DONE)
                code = EXIT_REFUSED;
        return code;
}
