/*
 * options: a command's own options and words, out of one small table (ctl.h). Long options only,
 * anywhere among the words; nothing is abbreviated. Every mistake is said with the way out, and
 * ends the command with EXIT_USAGE.
 */
#include "workers/ctl/ctl.h"

#include "common/day.h"
#include <stdio.h>
#include <string.h>

/* The option that the word names, with or without "=VALUE". */
static const struct ctl_option *find(const struct ctl_option *options, struct text name)
{
        for (; options && options->name; options++)
                if (text_equal(text_of(options->name), name))
                        return options;
        return NULL;
}

/* Says that there is no such option, and which is the nearest. */
static bool fail_unknown(const struct ctl *ctl, const struct ctl_option *options, struct text name)
{
        const char *names[32];
        size_t count = 0;
        for (; options && options->name && count < 31; options++)
                names[count++] = options->name;
        names[count] = NULL;
        const char *near = ctl_nearest(arena_string(ctl->arena, name), names);
        if (near)
                ctl_fail(ctl, EXIT_USAGE, "there is no option --%.*s; did you mean --%s?",
                         TEXT_ARGS(name), near);
        else
                ctl_fail(ctl, EXIT_USAGE, "there is no option --%.*s; see padriver %s --help",
                         TEXT_ARGS(name), ctl->command->name);
        return false;
}

bool ctl_time_of(struct text word, int64_t *time)
{
        int32_t day;
        if (time_parse(word, time))
                return true;
        if (!day_parse(word, &day))
                return false;
        *time = day_time(day, 0, 0);
        return true;
}

/* Writes the value to where the option wants it. */
static bool take(const struct ctl *ctl, const struct ctl_option *option, struct text value)
{
        const char *wanted = NULL;
        if (option->text)
                *option->text = value;
        else if (option->texts && option->texts->count < sizeof option->texts->at / sizeof value)
                option->texts->at[option->texts->count++] = value;
        else if (option->texts)
                wanted = "no more values than it has";
        else if (option->number && !text_to_int(value, option->number))
                wanted = "a whole number";
        else if (option->time && !ctl_time_of(value, option->time))
                wanted = "a time: " CTL_TIMES;
        if (wanted)
                ctl_fail(ctl, EXIT_USAGE, "--%s needs %s, not '%.*s'", option->name, wanted,
                         TEXT_ARGS(value));
        return !wanted;
}

/* One word that begins with "--": takes it and perhaps the next one. */
static bool take_option(const struct ctl *ctl, const struct ctl_option *options, int *at,
                        char **argv)
{
        struct text value = text_of(argv[*at] + 2);
        struct text name = text_cut(&value, '=');
        const struct ctl_option *option = find(options, name);
        if (!option)
                return fail_unknown(ctl, options, name);
        if (option->flag) {
                *option->flag = true;
                if (value.at)
                        ctl_fail(ctl, EXIT_USAGE, "--%s takes no value", option->name);
                return !value.at;
        }
        if (!value.at && !argv[*at + 1]) {
                ctl_fail(ctl, EXIT_USAGE, "--%s needs a value; see padriver %s --help",
                         option->name, ctl->command->name);
                return false;
        }
        if (!value.at)
                value = text_of(argv[++*at]);
        return take(ctl, option, value);
}

bool ctl_options(struct ctl *ctl, int *argc, char **argv, int least, int most,
                 const struct ctl_option *options)
{
        int kept = 1;
        bool open = true;
        for (int i = 1; argv[i]; i++) {
                if (open && strcmp(argv[i], "--") == 0)
                        open = false;
                else if (!open || strncmp(argv[i], "--", 2) != 0)
                        argv[kept++] = argv[i];
                else if (!take_option(ctl, options, &i, argv))
                        return false;
        }
        argv[kept] = NULL;
        *argc = kept;
        if (kept - 1 >= least && kept - 1 <= most)
                return true;
        ctl_fail(ctl, EXIT_USAGE, "too %s words; it is: padriver %s %s",
                 kept - 1 < least ? "few" : "many", ctl->command->name,
                 ctl->command->arguments ? ctl->command->arguments : "");
        return false;
}
