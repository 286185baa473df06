/*
 * import: the subcommands that bring files into the register and the plan. What would change is
 * shown before it is written: the store does the whole import and it is rolled back, until the user
 * has agreed; then it is done again and must come to the same. All that is wrong is said at once,
 * and then nothing is written.
 */
#include "workers/ctl/import.h"

#include "common/day.h"
#include "common/register/import_sql.h"
#include "workers/ctl/survey.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What comes of one run in the store. */
struct outcome {
        int64_t import; /* 0: nothing to change */
        size_t added, changed, removed;
        unsigned char digest[crypto_generichash_BYTES]; /* of the changes, to know them again */
};

/* Prints one change: a row added or removed, or a field changed. */
static void show_change(const struct ctl *ctl, const struct import_changes *c)
{
        if (ctl->json) {
                ctl_json(json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I}", "action",
                                   ctl_text(c->action), "kind", ctl_text(c->kind), "key",
                                   ctl_text(c->key), "column", ctl_text(c->col), "before",
                                   ctl_text(c->before), "after", ctl_text(c->after), "file",
                                   ctl_text(c->file), "line", (json_int_t)c->line));
                return;
        }
        if (c->col.at)
                printf("~ %.*s %.*s  %.*s: %.*s -> %.*s\n", TEXT_ARGS(c->kind), TEXT_ARGS(c->key),
                       TEXT_ARGS(c->col), TEXT_ARGS(c->before), TEXT_ARGS(c->after));
        else
                printf("%c %.*s %.*s  %.*s\n", c->after.at ? '+' : '-', TEXT_ARGS(c->kind),
                       TEXT_ARGS(c->key), TEXT_ARGS(c->after.at ? c->after : c->before));
}

/* Feeds a text with its length, so that no two lists of texts give the same digest. */
static void digest(crypto_generichash_state *state, struct text t)
{
        uint64_t size = t.at ? t.size : UINT64_MAX;
        crypto_generichash_update(state, (const unsigned char *)&size, sizeof size);
        if (t.size)
                crypto_generichash_update(state, (const unsigned char *)t.at, t.size);
}

/* Counts the changes and, if asked to, shows them. */
static void look_through(struct ctl *ctl, struct outcome *outcome, bool show)
{
        struct import_changes_rows changes = import_changes(ctl->tx, outcome->import);
        crypto_generichash_state state;
        int64_t last = 0;
        crypto_generichash_init(&state, NULL, 0, sizeof outcome->digest);
        for (size_t i = 0; i < changes.count; i++) {
                const struct import_changes *c = &changes.row[i];
                if (c->number != last && text_equal(c->action, TEXT("added")))
                        outcome->added++;
                else if (c->number != last && text_equal(c->action, TEXT("removed")))
                        outcome->removed++;
                else if (c->number != last)
                        outcome->changed++;
                last = c->number;
                digest(&state, c->kind);
                digest(&state, c->key);
                digest(&state, c->col);
                digest(&state, c->before);
                digest(&state, c->after);
                if (show)
                        show_change(ctl, c);
        }
        crypto_generichash_final(&state, outcome->digest, sizeof outcome->digest);
}

/* Does the import in a transaction that is left open. Not EXIT_DONE: it is over, and said why. */
static int attempt(struct ctl *ctl, struct text files, bool replace, bool show,
                   struct outcome *outcome)
{
        struct import_files_rows rows;
        if (!ctl_tx(ctl))
                return EXIT_DOWN;
        rows = import_files(ctl->tx, files, replace, tx_now(ctl->tx), text_of(ctl->actor));
        if (tx_failed(ctl->tx))
                return ctl_end(ctl);
        for (size_t i = 0; i < rows.count; i++)
                if (rows.row[i].fault.at)
                        import_complain(rows.row[i].file, rows.row[i].line, rows.row[i].col,
                                        rows.row[i].fault);
        if (rows.count != 1 || rows.row[0].fault.at) {
                size_t faults = rows.count;
                tx_rollback(ctl->tx);
                return ctl_fail(ctl, EXIT_BAD_DATA, "%zu fault%s; nothing was written", faults,
                                faults == 1 ? "" : "s");
        }
        *outcome = (struct outcome){ .import = rows.row[0].import };
        if (outcome->import)
                look_through(ctl, outcome, show);
        return tx_failed(ctl->tx) ? ctl_end(ctl) : EXIT_DONE;
}

/* Asks on the terminal. */
static bool agreed(void)
{
        char answer[16] = "";
        printf("Write this? [y/N] ");
        fflush(stdout);
        if (!fgets(answer, sizeof answer, stdin))
                return false;
        return strchr("yYjJ", answer[0]) && answer[0] != '\0';
}

/* Shows what the register still lacks. */
static void show_gaps(struct ctl *ctl)
{
        struct gaps_rows rows = gaps(ctl->tx, day_at(tx_now(ctl->tx), NULL, NULL));
        for (size_t i = 0; i < rows.count && i < 20; i++)
                printf("note (%.*s): %.*s %.*s\n", TEXT_ARGS(rows.row[i].rule),
                       TEXT_ARGS(rows.row[i].subject), TEXT_ARGS(rows.row[i].gap));
        if (rows.count > 20)
                printf("and %zu more notes\n", rows.count - 20);
}

static void show_sum(const struct ctl *ctl, const struct outcome *outcome)
{
        if (!ctl->json)
                printf("%zu added, %zu changed, %zu removed\n", outcome->added, outcome->changed,
                       outcome->removed);
}

/* Commits the open transaction and says so. */
static int write_down(struct ctl *ctl, const struct outcome *outcome)
{
        int code;
        if (!ctl->json)
                show_gaps(ctl);
        survey_set_timers(ctl->tx);
        code = ctl_commit(ctl);
        if (code == EXIT_DONE && !ctl->json)
                printf("import %lld is done; padriver import undo %lld takes it back\n",
                       (long long)outcome->import, (long long)outcome->import);
        return code;
}

/* Without --yes: lets the user decide with no transaction open, then does the same again. */
static int confirm(struct ctl *ctl, struct text files, bool replace, const struct outcome *shown)
{
        struct outcome again;
        int code;
        tx_rollback(ctl->tx);
        if (!isatty(STDIN_FILENO))
                return ctl_fail(ctl, EXIT_REFUSED, "nothing was written; --yes writes it");
        if (!agreed())
                return ctl_fail(ctl, EXIT_REFUSED, "nothing was written");
        code = attempt(ctl, files, replace, false, &again);
        if (code != EXIT_DONE)
                return code;
        if (memcmp(shown->digest, again.digest, sizeof again.digest) == 0)
                return write_down(ctl, &again);
        tx_rollback(ctl->tx);
        return ctl_fail(ctl, EXIT_REFUSED,
                        "somebody changed the store meanwhile; nothing was written: look again");
}

/* Runs the import of the files read. */
static int import_all(struct ctl *ctl, struct text files, bool replace, bool dry, bool yes)
{
        struct outcome outcome = { 0 };
        int code = attempt(ctl, files, replace, true, &outcome);
        if (code != EXIT_DONE)
                return code;
        if (!outcome.import) {
                tx_rollback(ctl->tx);
                if (!ctl->json)
                        puts("nothing to change");
                return EXIT_DONE;
        }
        show_sum(ctl, &outcome);
        if (dry) {
                tx_rollback(ctl->tx);
                return EXIT_DONE;
        }
        return yes ? write_down(ctl, &outcome) : confirm(ctl, files, replace, &outcome);
}

/* padriver import FILE|DIRECTORY… */
static int run_import(struct ctl *ctl, int argc, char **argv)
{
        bool replace = false, dry = false, yes = false;
        const struct ctl_option options[] = { { .name = "replace", .flag = &replace },
                                              { .name = "dry-run", .flag = &dry },
                                              { .name = "yes", .flag = &yes },
                                              { 0 } };
        int code = EXIT_DONE;
        if (!ctl_options(ctl, &argc, argv, 1, IMPORT_MOST_FILES, options))
                return EXIT_USAGE;
        json_t *files = json_array();
        for (int i = 1; i < argc; i++)
                if (import_add_word(ctl, files, argv[i]) != EXIT_DONE)
                        code = EXIT_BAD_DATA;
        char *text = json_dumps(files, JSON_COMPACT);
        if (code == EXIT_DONE)
                code = import_all(ctl, text_of(text), replace, dry, yes);
        free(text);
        json_decref(files);
        return code;
}

/* The files' names in one text. */
static struct text join(struct arena *arena, struct text_array names)
{
        struct text all = { 0 };
        for (size_t i = 0; i < names.count && i < 3; i++)
                all = i == 0 ? names.at[i]
                             : arena_printf(arena, "%.*s %.*s", TEXT_ARGS(all),
                                            TEXT_ARGS(names.at[i]));
        if (names.count > 3)
                all = arena_printf(arena, "%.*s and %zu more", TEXT_ARGS(all), names.count - 3);
        return all;
}

/* One import as JSON. */
static void list_json(struct ctl *ctl, const struct imports *i)
{
        json_t *files = json_array();
        for (size_t f = 0; f < i->files.count; f++)
                json_array_append_new(files, ctl_text(i->files.at[f]));
        ctl_json(json_pack("{s:I,s:o,s:o,s:o,s:I,s:I,s:I,s:o,s:o}", "id", (json_int_t)i->id,
                           "imported_at", ctl_time(ctl, i->at), "actor", ctl_text(i->actor),
                           "files", files, "added", (json_int_t)i->added, "changed",
                           (json_int_t)i->changed, "removed", (json_int_t)i->removed, "undone_at",
                           ctl_time(ctl, i->undone_at), "undone_by", ctl_text(i->undone_by)));
}

/* padriver import list */
static int run_list(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "id",      "when",    "who",    "added",
                                             "changed", "removed", "undone", "files" };
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        if (!ctl_tx(ctl))
                return EXIT_DOWN;
        struct arena *arena = tx_arena(ctl->tx);
        struct imports_rows rows = imports(ctl->tx);
        struct text *cells = arena_array(arena, rows.count * 8 + 1, sizeof *cells), *cell = cells;
        for (size_t n = 0; n < rows.count; n++) {
                const struct imports *i = &rows.row[n];
                if (ctl->json)
                        list_json(ctl, i);
                *cell++ = arena_printf(arena, "%lld", (long long)i->id);
                *cell++ = time_iso(arena, i->at);
                *cell++ = i->actor;
                *cell++ = arena_printf(arena, "%lld", (long long)i->added);
                *cell++ = arena_printf(arena, "%lld", (long long)i->changed);
                *cell++ = arena_printf(arena, "%lld", (long long)i->removed);
                *cell++ = i->undone_by.at ? i->undone_by : TEXT("-");
                *cell++ = join(arena, i->files);
        }
        if (!ctl->json && !tx_failed(ctl->tx))
                ctl_table(heads, 8, cells, rows.count);
        return ctl_end(ctl);
}

/* padriver import undo [ID] */
static int run_undo(struct ctl *ctl, int argc, char **argv)
{
        int64_t id = DB_NULL;
        struct undo_import undone;
        if (!ctl_options(ctl, &argc, argv, 0, 1, NULL))
                return EXIT_USAGE;
        if (argc > 1 && !text_to_int(text_of(argv[1]), &id))
                return ctl_fail(ctl, EXIT_USAGE, "an import's id is a number, not '%s'", argv[1]);
        if (!ctl_tx(ctl))
                return EXIT_DOWN;
        bool done = undo_import(ctl->tx, id, tx_now(ctl->tx), text_of(ctl->actor), &undone);
        int code = ctl_carry_out(ctl);
        if (done && code == EXIT_DONE && !ctl->json)
                printf("import %lld is undone\n", (long long)undone.import);
        return code;
}

const struct command import_commands[] = {
        { .name = "import",
          .arguments = "FILE|DIRECTORY... [--replace] [--dry-run] [--yes]",
          .summary = "Brings files into the register and the plan, and shows first what changes",
          .help = "A file is named after its kind: person.csv, membership.n1.csv, goal.json. CSV\n"
                  "has the columns' names in its first line, semicolon, comma or tab between\n"
                  "cells, UTF-8; lines that begin with # are skipped, an empty cell is no value.\n"
                  "JSON is an array of objects. A column that a file lacks stays as it is. Dates\n"
                  "are 2027-01-31 or 31.01.2027; valid_to is the last day. Contacts that were\n"
                  "confirmed on the pages of the staff stay so: the last day counts, a file's or\n"
                  "theirs. A contact with another person, role or valid_from is a new one.\n"
                  "\n"
                  "  --replace   remove rows of the same kinds that the files do not have\n"
                  "  --dry-run   only show what would change\n"
                  "  --yes       write without asking\n"
                  "\n"
                  "The order of files and rows does not matter. If anything is wrong, all of it\n"
                  "is told with file, line and column, and nothing is written.\n"
                  "\n"
                  "  padriver import deploy/sample\n"
                  "  padriver import contact.csv --replace --dry-run\n",
          .run = run_import },
        { .name = "import list",
          .summary = "Shows the imports, with what each changed",
          .help = "  padriver import list\n",
          .run = run_list },
        { .name = "import undo",
          .arguments = "[ID]",
          .summary = "Undoes an import, or the last one that is not undone",
          .help = "Every row is afterwards exactly as it was before. Refused when a row was\n"
                  "changed since, or is in use since: undo the later imports first.\n"
                  "\n"
                  "  padriver import undo 3\n",
          .run = run_undo },
        { 0 },
};
