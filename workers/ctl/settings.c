/*
 * settings: what the instance is told (schemas/conf.def), whether all that it names is there, and
 * the store's schema.
 */
#include "workers/ctl/ctl.h"

#include "common/instance.h"
#include "common/migrate.h"
#include "workers/ctl/probe.h"
#include "workers/ctl/settings_sql.h"
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One setting as it is in force. */
static void print_setting(const struct ctl *ctl, const char *name, const char *value,
                          const char *meaning)
{
        if (ctl->json)
                ctl_json(json_pack("{s:s,s:s,s:s}", "name", name, "value", value, "meaning",
                                   meaning));
        else
                printf("%-20s %s\n", name, value);
}

/* `padriver settings` */
static int settings(struct ctl *ctl, int argc, char **argv)
{
        bool sample = false;
        const struct ctl_option options[] = { { .name = "sample", .flag = &sample }, { 0 } };
        if (!ctl_options(ctl, &argc, argv, 0, 0, options))
                return EXIT_USAGE;
        if (sample) {
                struct text text = conf_sample(ctl->arena);
                fwrite(text.at, 1, text.size, stdout);
                return EXIT_DONE;
        }
        if (!conf_load(&ctl->conf, ctl->config, ctl->arena))
                return EXIT_SETTINGS;
/* clang-format off */
#define STRING(section, name, value, meaning) print_setting(ctl, #section "." #name, ctl->conf.section##_##name, meaning);
#define CHOICE(section, name, value, choices, meaning) STRING(section, name, value, meaning)
#define NUMBER(section, name, value, least, greatest, meaning) \
        print_setting(ctl, #section "." #name, arena_printf(ctl->arena, "%" PRId64, ctl->conf.section##_##name).at, meaning);
#include "schemas/conf.def"
#undef STRING
#undef CHOICE
#undef NUMBER
        /* clang-format on */
        return EXIT_DONE;
}

/* One line of the check; keeps the gravest code. */
static void tell(const struct ctl *ctl, int *code, int fault, const char *what, const char *words)
{
        if (ctl->json)
                ctl_json(json_pack("{s:s,s:b,s:s}", "check", what, "ok", !fault, "message", words));
        else
                printf("%-6s %-10s %s\n", fault ? "FAULT" : "ok", what, words);
        fflush(stdout);
        if (fault == EXIT_SETTINGS || *code == EXIT_DONE)
                *code = fault;
}

/* The identity and the link key, outside the store. */
static void check_instance(struct ctl *ctl, int *code)
{
        struct instance *instance = instance_open(ctl->conf.place_state, ctl->conf.place_runtime);
        bool key = instance && instance_link_key(instance);
        const char *state = ctl->conf.place_state;
        tell(ctl, code, key ? 0 : EXIT_SETTINGS, "instance",
             arena_printf(ctl->arena,
                          key ? "identity and link key are in %s"
                              : "no identity or link key to read in %s: run padriver instance "
                                "create as its owner",
                          state)
                     .at);
        instance_close(&instance);
}

/* The number of the newest migration in the folder; 0 if there is none. */
static int64_t newest_migration(const struct ctl *ctl)
{
        glob_t found;
        int64_t number = 0;
        const char *pattern = arena_printf(ctl->arena, "%s/[0-9][0-9][0-9][0-9]_*.sql",
                                           ctl->conf.place_migrations)
                                      .at;
        if (glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc > 0) {
                const char *name = strrchr(found.gl_pathv[found.gl_pathc - 1], '/') + 1;
                text_to_int((struct text){ name, 4 }, &number);
        }
        globfree(&found);
        return number;
}

/* The store, and whether its schema is this version's. */
static void check_store(struct ctl *ctl, int *code)
{
        struct schema_number schema = { 0 };
        int64_t newest = newest_migration(ctl);
        struct tx *tx = ctl_tx(ctl);
        tell(ctl, code, tx ? 0 : EXIT_DOWN, "store",
             tx ? ctl->conf.store_connection
                : "does not answer: start PostgreSQL, or mend store.connection");
        if (!tx)
                return;
        bool known = schema_number(tx, &schema) && newest > 0 && schema.number == newest;
        tx_rollback(tx);
        tell(ctl, code, known ? 0 : EXIT_SETTINGS, "schema",
             known ? arena_printf(ctl->arena, "migrated to %04" PRId64, newest).at
                   : arena_printf(ctl->arena,
                                  "the store is at migration %04" PRId64 ", %s has %04" PRId64
                                  ": run padriver migrate",
                                  schema.number == DB_NULL ? 0 : schema.number,
                                  ctl->conf.place_migrations, newest)
                             .at);
}

/* `padriver check` */
static int check(struct ctl *ctl, int argc, char **argv)
{
        int code = EXIT_DONE;
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        bool good = ctl_open(ctl) == EXIT_DONE;
        tell(ctl, &code, good ? 0 : EXIT_SETTINGS, "settings",
             good ? ctl->config ? ctl->config : "all defaults: no --config, no PADRIVER_CONF"
                  : "cannot be used: see above; padriver settings --sample shows all");
        if (!good)
                return code;
        check_instance(ctl, &code);
        check_store(ctl, &code);
        bool broker = probe_broker(ctl);
        tell(ctl, &code, broker ? 0 : EXIT_DOWN, "broker",
             broker ? ctl->conf.broker_endpoint
                    : arena_printf(ctl->arena, "does not answer at %s: start padriver-broker",
                                   ctl->conf.broker_endpoint)
                              .at);
        return code;
}

/* `padriver migrate` */
static int run_migrations(struct ctl *ctl, int argc, char **argv)
{
        struct text connection = text_of(ctl->conf.store_connection),
                    directory = text_of(ctl->conf.place_migrations);
        struct migrated migrated;
        const struct ctl_option options[] = {
                { .name = "connection", .text = &connection },
                { .name = "directory", .text = &directory },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 0, 0, options))
                return EXIT_USAGE;
        struct db *db = db_new(connection.at, NULL, NULL, (int)ctl->conf.store_deadline);
        bool open = db_connect(db);
        bool good = open && migrate(db, directory.at, clock_now(ctl->clock), &migrated);
        db_destroy(&db);
        if (!open)
                return ctl_fail(ctl, EXIT_DOWN,
                                "the store is down or refuses us (%s); a superuser migrates: "
                                "--connection \"… user=postgres\"",
                                connection.at);
        if (!good)
                return ctl_fail(ctl, EXIT_BAD_DATA, "%s", migrated.reason);
        if (ctl->json)
                ctl_json(json_pack("{s:I,s:I}", "applied", (json_int_t)migrated.applied, "before",
                                   (json_int_t)migrated.before));
        else
                printf("%zu applied, %zu were there\n", migrated.applied, migrated.before);
        return EXIT_DONE;
}

/* These run without settings. */
const struct command settings_commands[] = {
        { .name = "settings",
          .arguments = "[--sample]",
          .summary = "Shows the settings in force, or a sample file that explains each",
          .help = "--json: {name, value, meaning} a line.\n  padriver settings --sample > "
                  "padriver.conf\n",
          .run = settings },
        { .name = "check",
          .summary = "Checks settings, keys, store, schema and broker, and says how to mend what "
                     "is wrong",
          .help = "Exit status 78 for a setting, a key or the schema, 69 if the store or the "
                  "broker is down.\n"
                  "--json: {check, ok, message} a line.\n  padriver check --config padriver.conf\n",
          .run = check },
        { 0 },
};

const struct command migrate_commands[] = {
        { .name = "migrate",
          .arguments = "[--connection CONNINFO] [--directory DIRECTORY]",
          .summary = "Brings the store's schema to this version",
          .help = "As a superuser of the database, which must exist. Run again it does nothing.\n"
                  "--json: {applied, before}.\n"
                  "  sudo -u postgres padriver migrate\n",
          .run = run_migrations },
        { 0 },
};
